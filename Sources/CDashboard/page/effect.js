// One effect, wherever it is shown: what the rules say of it, how it was found, its files.

import { get, part } from "./api.js";
import { faint, foreign, h, named, put } from "./dom.js";
import { changes } from "./changes.js";
import { pathList } from "./deed.js";
import { loading, notice, said, section } from "./dialog.js";
import { count } from "./format.js";
import { icon } from "./icons.js";
import { facts } from "./values.js";

const VERDICTS = { allow: ["it may be applied", "ok"], ask: ["a person has to approve it", "warn"], deny: ["it may not be applied", "bad"] };
const METHODS = {
  overlay: "The program ran for real, without network, in a copy-on-write layer over the workspace, which stayed as it was.",
  copy: "The program ran for real, without network, in a copy of the workspace, as no copy-on-write layer can be made here. The workspace stayed as it was.",
};

export function verdictPart(verdict) {
  if (!verdict) return null;
  const [words, tone] = VERDICTS[verdict.verdict] ?? [String(verdict.verdict), "warn"];
  const rules = verdict.rules ?? [];
  return h(
    "div", { class: `note ${tone}` }, icon(tone === "ok" ? "check" : "warn"),
    h("div", {}, h("p", {}, h("strong", {}, `By the rules, ${words}.`)), rules.length > 0 && h("ul", { class: "plain" }, rules.map((rule) => h("li", {}, said(String(rule)))))));
}

/** The diff, how it was found, and what it leaves out. */
export function effectPart(effect, signal) {
  const shown = effect.effects?.files?.length ?? 0;
  const omissions = effect.omissions ?? [];
  return [
    faint(METHODS[effect.method] ?? "Worked out without running a program. The workspace stayed as it was."),
    omissions.length > 0 && h("div", { class: "note warn" }, icon("warn"), h("div", {}, h("p", {}, "Not part of it, and never applied:"), h("ul", { class: "plain" }, omissions.map((one) => h("li", {}, foreign(`${one}.`)))))),
    effect.files_changed > shown && notice("warn", `${count(effect.files_changed, "file")} change; ${shown.toLocaleString("en")} are shown here.`),
    changes(effect.effects ?? { files: [] }, signal),
  ];
}

/** What approving an item would change: the effect as it is kept, all of it, or as it was when the item was made. */
export function itemEffect(item, signal) {
  const plan = item.plan ?? {};
  const conflicts = plan.conflicts ?? [];
  const place = h("div", { class: "stack" });
  const show = (effect) => put(place, effectPart(effect, signal));
  const id = item.tool_name === "effect_apply" && item.status === "pending" ? item.args?.effect_id : null;
  if (id) {
    put(place, loading("the effect"));
    get(`effects/${part(id)}`, { signal }).then((effect) => show(effect.effect_digest === item.args.effect_digest ? effect : plan), () => signal.aborted || show(plan));
  } else if (item.tool_name === "effect_apply") {
    show(plan);
  } else {
    put(place, changes(plan.effects, signal));
  }
  return [
    plan.tool_name && section("The call that was previewed", h("p", {}, named(plan.tool_name)), plan.args && facts(plan.args, { kind: "text" })),
    section(
      "What it would change", plan.summary && h("p", {}, foreign(plan.summary)), conflicts.length > 0 && [notice("bad", "When it was asked for, these were not any more what it is for:"), pathList("Conflicts", conflicts)],
      verdictPart(plan.effect_verdict), place),
  ];
}
