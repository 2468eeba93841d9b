// Runs a tool by hand: a form from its schema, a dry run first if wanted, and the same call as lines to copy.

import { call, expected, may, part, session } from "./api.js";
import { announce, dim, faint, foreign, h, named, put } from "./dom.js";
import { card, empty, loading, notice, problemNote, said } from "./dialog.js";
import { SchemaForm, field } from "./form.js";
import { duration, risk } from "./format.js";
import { icon } from "./icons.js";
import { keepResult } from "./outputs.js";
import { commandLine, curl } from "./shellwords.js";
import { soon } from "./soon.js";
import { tools } from "./store.js";
import { facts } from "./values.js";
import { copyButton } from "./viewer.js";

/** What was typed, by tool: a page that is left and come back to has lost nothing. */
const drafts = new Map();
const results = new Map();

/** What was typed into another form, under a name that no tool has. */
export function draftOf(name) {
  if (!drafts.has(name)) drafts.set(name, {});
  return drafts.get(name);
}

export function forgetDrafts() {
  drafts.clear();
  results.clear();
}

export function tryPage({ signal, path, go }) {
  const name = path[1] ?? null;
  const body = h("div", { class: "try" });
  const choose = h("select", { onchange: () => go(["run", choose.value].filter(Boolean)) });
  const chooser = field("Tool", choose);
  let shown = null;
  tools.watch(signal, ({ value, error }) => {
    if (!value) return put(body, error ? problemNote(error) : loading("tools"));
    const own = value.filter((tool) => !tool.alias_of);
    const group = (label, list) => list.length > 0 && h("optgroup", { label }, list.map((tool) => h("option", { value: tool.name, selected: tool.name === name }, tool.name)));
    put(
      choose, h("option", { value: "", selected: !name }, "Choose a tool"),
      group("Ready", own.filter((tool) => tool.enabled && tool.available)),
      group("Off or not available", own.filter((tool) => !tool.enabled || !tool.available)));
    const tool = own.find((one) => one.name === name);
    const key = tool && JSON.stringify(tool);
    if (shown !== null && key === shown) return;
    shown = key ?? "";
    if (tool) redraw(body, toolForm(tool, go));
    else put(body, empty(name ? "There is no such tool" : "No tool chosen", "Choose one above. A dry run says what would happen and does nothing."));
  });
  return h("div", { class: "page narrow-page" }, h("header", { class: "page-head" }, h("h1", {}, "Run a tool")), chooser.element, body);
}

/** Whoever types while the tool is switched on or off goes on typing: what was typed is in the draft. */
function redraw(body, parts) {
  const controls = () => [...body.querySelectorAll("input, textarea, select, button")];
  const old = document.activeElement;
  const place = controls().indexOf(old);
  put(body, parts);
  const next = place < 0 ? null : controls()[place];
  next?.focus();
  if (next?.type === old.type && old.selectionStart != null) next.setSelectionRange(old.selectionStart, old.selectionEnd);
}

function toolForm(tool, go) {
  const draft = draftOf(tool.name);
  const form = new SchemaForm(tool.input_schema, draft);
  const reason = field("Reason", h("input", { type: "text", maxlength: 500, value: draft["\u0000reason"] ?? "" }), "Kept in the record.");
  const place = h("div", { class: "answer", role: "region", "aria-label": "Answer", tabindex: -1 });
  const lines = h("div", { class: "lines" });
  const dry = h("button", { class: "primary", type: "submit" }, "Dry run");
  const real = h("button", { onclick: () => perform(false) }, "Run it");
  // A look at what it really does, where it can change files at all.
  const preview = mayChange(tool) && h("button", { onclick: () => perform(false, {}, "preview") }, "Preview");
  const buttons = [dry, preview, real].filter(Boolean);
  const callOf = (args, isDry) => ({ tool_name: tool.name, args, dry_run: isDry, ...(reason.control.value.trim() ? { reason: reason.control.value.trim() } : {}) });
  const showLines = () => {
    const wanted = callOf(form.preview(), false);
    put(lines, line("curl", curl(wanted, session.who?.token_required)), line("execlayer", commandLine(wanted)));
  };
  const perform = async (isDry, more = {}, path = "run") => {
    const args = form.values();
    if (!args) return announce("A field needs your attention");
    for (const button of buttons) button.disabled = true;
    put(place, h("p", { class: "faint", role: "status" }, isDry ? "Asking what would happen…" : path === "preview" ? "Looking what it does; the workspace stays as it is…" : "Running…"), loading("the answer"));
    try {
      const { dry_run: isDryRun, ...wanted } = callOf(args, isDry);
      const answer = await call("POST", path, path === "run" ? { ...wanted, dry_run: isDryRun, ...more } : wanted, { seconds: 3700 });
      keepResult(answer.audit_id, answer.result);
      show(answer);
      if (path === "preview" && answer.effect_id && place.isConnected) go(["effects", answer.effect_id]);
    } catch (error) {
      expected(error);
      if (!form.refuse(error.fields)) show(error.body ?? { success: false, error: error.message, remedy: error.remedy });
      else put(place, problemNote(error));
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  };
  const approveAndRun = async () => {
    try {
      const args = form.values();
      const { approval_id: id } = await call("POST", `approve?tool_name=${part(tool.name)}`, { args });
      await perform(false, id ? { approval_id: id } : {});
    } catch (error) {
      expected(error);
      put(place, problemNote(error));
    }
  };
  const show = (answer) => {
    if (answer.code === "invalid_arguments" && answer.fields) form.refuse(answer.fields);
    const shown = answerPart(answer, approveAndRun);
    results.set(tool.name, shown);
    put(place, shown);
    announce(answer.success ? (answer.dry_run ? "The dry run is there" : "It ran") : "It did not run");
  };
  if (results.has(tool.name)) put(place, results.get(tool.name));
  form.onChange = showLines;
  reason.control.addEventListener("input", () => ((draft["\u0000reason"] = reason.control.value), showLines()));
  showLines();
  const isReady = tool.enabled && tool.available;
  return [
    h(
      "form", { class: "card", onsubmit: (event) => (event.preventDefault(), perform(true)), novalidate: true },
      h("div", { class: "row" }, h("h2", {}, named(tool.name)), risk(tool)),
      h("p", {}, foreign(tool.description)),
      !tool.enabled && notice("warn", "This tool is off: every call of it is refused."),
      !tool.available && notice("warn", "Not available here: ", foreign(tool.unavailable_reason ?? "")),
      form.element, reason.element,
      may("run_tools")
        ? h("div", { class: "row" }, buttons, dim(!isReady ? "" : preview ? "A dry run starts nothing. A preview runs it for real beside the workspace and shows what it changes. “Run it” really does it, as this token." : "A dry run changes nothing. “Run it” really does it, as this token."))
        : faint("Your token may not run tools. The lines below are for one that may.")),
    place,
    card("The same call elsewhere", null, faint("For a POSIX shell. The token is taken from the variable EXECUTION_TOKEN."), lines),
  ];
}

function line(what, text) {
  if (text.length > 100_000) return faint(`${what}: too long for a command line.`);
  return h(
    "div", { class: "copy-line" }, h("span", { class: "caption" }, what), copyButton(() => text, `the ${what} line`),
    h("pre", { tabindex: 0, role: "region", "aria-label": `The ${what} line` }, foreign(text, { dir: "ltr" })));
}

/** Whether a preview may find something. Commits are never previewed. */
const mayChange = (tool) => (tool.annotations?.readOnlyHint === false && tool.name !== "git_commit") || tool.name === "sandbox_worker_run";

/** What the daemon answered to a call. */
export function answerPart(answer, approveAndRun) {
  const isDry = answer.dry_run === true;
  const needsApproval = answer.code === "approval_required";
  const head = answer.success
    ? answer.effect_id ? notice("ok", "The workspace is as it was. ", h("a", { href: `#/effects/${part(answer.effect_id)}` }, "Look at what it would change, and apply it")) : notice("ok", isDry ? "Nothing was done. This is what would happen." : ["It ran", answer.duration_ms ? ` in ${duration(answer.duration_ms)}.` : "."])
    : h(
      "div", { class: "note bad" }, icon("warn"),
      h(
        "div", {}, h("p", {}, said(answer.error ?? answer.detail ?? "it was refused")), answer.remedy && faint(said(answer.remedy)),
        needsApproval && approveAndRun && may("decide_about_approvals") && h("button", { onclick: approveAndRun }, "Approve exactly this call and run it")));
  const result = answer.result;
  const plan = result?.dry_run === true ? result.plan : null;
  const more = plan ? facts(plan) : result && typeof result === "object" ? facts(result) : [];
  return h(
    "section", { class: "card" }, head, more,
    answer.effects?.files && !answer.effect_id && h("div", {}, h("h3", {}, "Changed"), soon(() => import("./changes.js"), ({ changes }) => changes(answer.effects))),
    answer.audit_id && h("p", {}, h("a", { href: `#/runs/${part(answer.audit_id)}` }, "Its entry in the record"), answer.undoable === true && ", where it can be undone", answer.confinement && [" · confinement: ", foreign(answer.confinement)]));
}
