// Who is here: the token, or the cookie and its key, and what they may do.

import { call, expected, get, session } from "./api.js";
import { add, h, put } from "./dom.js";
import { problemNote, said } from "./dialog.js";
import { field } from "./form.js";
import { brand } from "./icons.js";

const TOKEN = "execution_token";
const COOKIE = "execution_cookie";

function stored(area, name) {
  try {
    return area().getItem(name);
  } catch {
    return null;
  }
}

function keep(area, name, value) {
  try {
    if (value === null) area().removeItem(name);
    else area().setItem(name, value);
  } catch {
    // Without storage one signs in again after a reload.
  }
}

const tab = () => sessionStorage;
const browser = () => localStorage;

/** Signs in with what this tab or browser has; answers whether that worked. */
export async function resume() {
  session.token = stored(tab, TOKEN);
  session.key = session.token ? null : stored(browser, COOKIE);
  if (!session.token && !session.key) {
    const status = await get("auth-status");
    if (status.token_required_for_ui) return false;
  }
  session.who = await get("whoami");
  return true;
}

export function forget() {
  Object.assign(session, { token: null, key: null, who: null });
  keep(tab, TOKEN, null);
  keep(browser, COOKIE, null);
}

export async function signOut() {
  forget();
  await call("DELETE", "token-cookie");
}

/** `problem`: why somebody is here again; `onSignedIn` is called once the daemon knows who it is. */
export function signInPage(problem, onSignedIn) {
  const token = field("Token", h("input", { type: "password", spellcheck: "false", required: true }), "EXECUTION_TOKEN, or a token that execlayer token create made. It stays in this tab and is forgotten with it.");
  const cookie = field("Keep me signed in on this browser", h("input", { type: "checkbox" }), "For seven days at most, or until the daemon restarts.");
  const note = h("div", { role: "alert" });
  if (problem) add(note, problemNote(problem));
  const status = h("p", { class: "faint" });
  const button = h("button", { class: "primary", type: "submit" }, "Sign in");
  const submit = async (event) => {
    event.preventDefault();
    put(note);
    const value = token.control.value.trim();
    const isSendable = /^[\x21-\x7e]+$/.test(value);
    token.mark(value === "" ? "Paste a token first." : isSendable ? null : "A token has only plain letters, digits and signs.");
    if (!isSendable) return token.control.focus();
    button.disabled = true;
    try {
      if (cookie.control.checked) {
        const answer = await call("POST", "token-cookie", { token: value, bound: true }, { isSigningIn: true });
        session.key = answer.session_key;
      } else {
        session.token = value;
      }
      session.who = await get("whoami", { isSigningIn: true });
      keep(tab, TOKEN, session.token);
      keep(browser, COOKIE, session.key);
      onSignedIn();
    } catch (error) {
      expected(error);
      forget();
      put(note, problemNote(error));
      token.control.select();
    } finally {
      button.disabled = false;
    }
  };
  get("auth-status").then(
    (answer) => put(status, said(answer.message)),
    () => put(status, "The daemon does not answer. Start it, then sign in."));
  const page = h(
    "main", { class: "sign-in", id: "main" },
    h(
      "form", { class: "card", onsubmit: submit, novalidate: true },
      h("div", { class: "row" }, brand(), h("h1", {}, "Execution Layer")),
      h("p", {}, "One gate for what agents do on this machine. Sign in to see it."),
      status, note, token.element, cookie.element, button));
  queueMicrotask(() => token.control.focus());
  return page;
}
