// Takes back what a call changed: first what that would do, then the deed.

import { call, expected, part } from "./api.js";
import { announce, h, put } from "./dom.js";
import { loading, notice, said, section } from "./dialog.js";
import { changes } from "./changes.js";
import { deed, done, pathList, refused } from "./deed.js";
import { count } from "./format.js";

/** `auditID`: of the call. `onDone(words)`: it was undone, and says so in `words`. */
export function undoPart(auditID, signal, onDone = () => {}) {
  const element = h("div", { class: "stack", tabindex: -1 });
  const begin = () => put(element, h("div", { class: "row" }, h("button", { onclick: look }, "Undo…")));
  const send = (body) => call("POST", `undo/${part(auditID)}`, body, { signal, seconds: 600 });
  const cancel = () => h("button", { onclick: () => (begin(), element.querySelector("button").focus()) }, "Leave it");
  const look = async () => {
    put(element, loading("what undoing would change"));
    try {
      const answer = await send({ dry_run: true });
      show(answer.result?.plan ?? answer.plan ?? answer);
    } catch (error) {
      if (signal.aborted) return;
      expected(error);
      put(element, refused(error), h("div", { class: "row" }, h("button", { onclick: look }, "Look again"), cancel()));
    }
    element.focus();
  };
  const show = (plan) => {
    const conflicts = plan.conflicts ?? [];
    put(
      element, section("What undoing it would change", plan.summary && h("p", {}, said(plan.summary)), conflicts.length > 0 && [notice("bad", "It cannot be undone as things stand: these changed since."), pathList("Conflicts", conflicts)], plan.effects && changes(plan.effects, signal)),
      conflicts.length > 0 ? h("div", { class: "row" }, h("button", { onclick: look }, "Look again"), cancel())
        : deed({ label: "Undo exactly this", tool: "effect_undo", args: { audit_id: auditID }, send, signal, others: cancel(), onDone: finish }));
    announce("Nothing was undone yet");
  };
  const finish = (answer) => {
    const words = done(`Undone: ${count(answer.restored?.length ?? 0, "file")} restored.`, answer.audit_id);
    put(element, words);
    element.focus();
    announce("It was undone");
    onDone(words);
  };
  begin();
  return element;
}
