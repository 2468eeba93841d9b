// Questions that stop everything else. The browser's own dialog keeps the focus inside and gives it back.

import { expected } from "./api.js";
import { faint, foreign, h, put, uniqueID } from "./dom.js";
import { icon } from "./icons.js";
import { capital } from "./text.js";

/**
 * Asks before something that matters.
 *
 * - title, body: what will happen.
 * - action: the words on the button. tone: `danger` for what stops or endangers something.
 * - word: what has to be typed before the button works.
 * - perform(): does it; what it refuses is shown in the dialog, which then stays.
 */
export function ask({ title, body, action, tone = "", word = null, perform }) {
  const heading = uniqueID("dialog");
  const input = word && h("input", { type: "text", id: `${heading}-word`, spellcheck: "false" });
  const button = h("button", { class: `primary ${tone}`, type: "submit", disabled: Boolean(word) }, action);
  const problem = h("div", { role: "alert" });
  const close = () => dialog.close();
  const dialog = h(
    "dialog", { "aria-labelledby": heading, onclose: () => dialog.remove() },
    h(
      "form", {
        method: "dialog",
        onsubmit: async (event) => {
          event.preventDefault();
          if (button.disabled) return;
          button.disabled = true;
          try {
            await perform();
            close();
          } catch (error) {
            expected(error);
            put(problem, problemNote(error));
            button.disabled = false;
          }
        },
      },
      h("h2", { id: heading }, title), body,
      word && h("p", {}, h("label", { for: `${heading}-word` }, "Type ", h("strong", {}, word), " to go on"), input),
      problem,
      h("div", { class: "row end" }, h("button", { onclick: close }, "Cancel"), button)));
  input?.addEventListener("input", () => (button.disabled = input.value.trim().toLowerCase() !== word.toLowerCase()));
  document.body.append(dialog);
  dialog.showModal();
  // Never on the button that acts: a key that was meant for something else must not press it.
  (input ?? dialog.querySelector("input, textarea, button")).focus();
}

/** What was refused, and what would let it pass. */
export function problemNote(error, more) {
  return h(
    "div", { class: "note bad" }, icon("warn"),
    h("div", {}, h("p", {}, said(error.message)), error.remedy && faint(said(error.remedy)), more));
}

export function sentence(text) {
  // A name is left as it is: another case would be another file.
  const whole = /^[a-z]+[\s,]/.test(text) ? capital(text) : text;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

/** What went well, or needs a look; said to screen readers. `tone`: `ok`, `warn` or `bad`. */
export const notice = (tone, ...children) =>
  h("p", { class: `note ${tone}`, role: "status" }, icon(tone === "ok" ? "check" : "warn"), h("span", {}, children));

/** A sentence that somebody else wrote. */
export const said = (text) => foreign(sentence(text));

/** A part of a page under its title, with `more` beside that. */
export const card = (title, more, ...content) =>
  h("section", { class: "card", "aria-label": title }, h("div", { class: "card-head" }, h("h2", {}, title), more), content);

/** A part of a card. */
export const section = (title, ...content) => h("section", { class: "part" }, h("h3", {}, title), content);

/** What stands where nothing is yet. */
export function empty(title, text, ...more) {
  return h("div", { class: "empty" }, h("p", { class: "empty-title" }, title), text && faint(text), more);
}

export function loading(what) {
  return h("div", { class: "loading", role: "status" }, h("span", { class: "sr" }, `Loading ${what}`), h("span", { class: "bone" }), h("span", { class: "bone" }), h("span", { class: "bone" }));
}
