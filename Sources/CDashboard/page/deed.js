// A button for what the gate may want a person's word for: to put an effect onto the workspace, or to take one back.

import { call, expected, may, part } from "./api.js";
import { announce, faint, foreign, h, put } from "./dom.js";
import { notice, problemNote, said } from "./dialog.js";
import { icon } from "./icons.js";
import { approvals } from "./store.js";

/** Paths that are listed at once. */
const LISTED = 200;

/** Places of the workspace, one a line. */
export function pathList(title, paths) {
  return h(
    "div", { role: "group", "aria-label": title }, h("ul", { class: "plain paths" }, paths.slice(0, LISTED).map((path) => h("li", {}, h("code", { class: "path", dir: "ltr" }, foreign(path))))),
    paths.length > LISTED && faint(`${paths.length - LISTED} more are not listed here.`));
}

/** What was refused; places that changed meanwhile are named. */
export function refused(error) {
  const { conflicts } = error.body ?? {};
  return problemNote(error, Array.isArray(conflicts) && conflicts.length > 0 && [h("p", {}, "Nothing was changed. These are not as they were:"), pathList("Conflicts", conflicts)]);
}

/**
 * - label: on the button. tool, args: the call, as approvals name it.
 * - send(more): asks the daemon, with `more` in the body. onDone(answer): it happened.
 * - others: further buttons beside it.
 * - signal: aborted when the page is left. life: when the button goes, which may be before the answer comes.
 */
export function deed({ label, tool, args, send, onDone, signal, life = signal, others }) {
  const place = h("div", { role: "alert", tabindex: -1 });
  const waiting = h("div", { role: "status" });
  const button = h("button", { class: "primary", onclick: () => run() }, label);
  const row = h("div", { class: "row" }, button, others);
  const run = async (more = {}) => {
    const buttons = element.querySelectorAll("button");
    for (const one of buttons) one.disabled = true;
    put(place, faint("Asking…"));
    try {
      const answer = await send(more);
      put(place);
      if (answer.status === "waiting_approval") await approvals.refresh();
      else onDone(answer);
    } catch (error) {
      if (signal.aborted) return;
      expected(error);
      put(place, error.code === "approval_required" ? question(error) : refused(error));
      // Never on a button that acts: a second press of the same key must not press it.
      place.focus();
    } finally {
      for (const one of buttons) one.disabled = false;
    }
  };
  const approve = async () => {
    try {
      const { approval_id: id } = await call("POST", `approve?tool_name=${part(tool)}`, { args }, { signal });
      await run(id ? { approval_id: id } : {});
    } catch (error) {
      if (signal.aborted) return;
      expected(error);
      put(place, refused(error));
    }
  };
  const question = (error) => h(
    "div", { class: "note warn" }, icon("warn"), h(
      "div", {}, h("p", {}, said(error.message)),
      h("div", { class: "row" }, may("decide_about_approvals") && h("button", { onclick: approve }, "Approve exactly this, now"), h("button", { onclick: () => run({ wait_for_approval: true }) }, "Ask for an approval"))));
  const element = h("div", { class: "stack" }, waiting, row, place);
  let wasWaiting = false;
  approvals.watch(life, ({ value }) => {
    const item = (value ?? []).find((one) => one.tool_name === tool && Object.entries(args).every(([name, wanted]) => one.args?.[name] === wanted));
    row.hidden = Boolean(item);
    if (Boolean(item) === wasWaiting) return;
    wasWaiting = Boolean(item);
    put(place);
    put(waiting, item && h("div", { class: "note warn" }, icon("warn"), h("div", {}, h("p", {}, "It waits for a person's approval, and then happens by itself."), h("a", { href: `#/approvals/${part(item.approval_request_id)}` }, "Look at the request"))));
    if (item) announce("It waits for a person's approval");
  });
  return element;
}

export const done = (words, auditID) => notice("ok", words, auditID && [" ", h("a", { href: `#/runs/${part(auditID)}` }, "Its entry in the record")]);
