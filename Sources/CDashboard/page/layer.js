// The Execution Layer itself: its tools, its rules, what it did last, and the other machine.

import { call, expected, get, may, part } from "./api.js";
import { announce, code, dim, faint, foreign, h, named, put } from "./dom.js";
import { ask, card, empty, loading, notice, problemNote, said, sentence } from "./dialog.js";
import { field } from "./form.js";
import { callerOf, count, duration, risk, status, time, titleOf } from "./format.js";
import { icon } from "./icons.js";
import { config, lockdown, newest, node, tools } from "./store.js";

export function layerPage({ signal }) {
  return h(
    "div", { class: "page layer" },
    h("header", { class: "page-head" }, h("h1", {}, "Execution Layer"), summary(signal)),
    h("div", { class: "columns" }, toolsCard(signal), h("div", { class: "stack" }, lastRunsCard(signal), settingsCard(signal), nodeCard(signal))));
}

function summary(signal) {
  const line = h("p", { class: "lead" });
  const show = () => {
    const own = tools.value?.filter((tool) => !tool.alias_of);
    if (!own) return;
    const on = own.filter((tool) => tool.enabled && tool.available).length;
    const rules = config.value?.config;
    const asked = !rules ? "" : rules.approval_mode === "auto"
      ? " Calls run unless policy denies them or asks a person."
      : rules.require_approval_for_risky
        ? " Calls of medium and high risk wait for a person."
        : " No risk asks for a person; only policy does.";
    put(line, lockdown.value?.active ? "Nothing can be called until an operator ends the lockdown." : `${on} of ${count(own.length, "tool")} can be called.${asked}${rules?.dry_run_default ? " Calls that do not say otherwise are dry runs." : ""}`);
  };
  tools.watch(signal, show);
  config.watch(signal, show);
  lockdown.watch(signal, show);
  return line;
}

function toolsCard(signal) {
  const body = h("div", { class: "tools" });
  const search = h("input", { type: "search", placeholder: "Find a tool", "aria-label": "Find a tool", oninput: () => show(tools) });
  const show = ({ value, error }) => {
    if (!value) return put(body, error ? problemNote(error) : loading("tools"));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = value.filter((tool) => !tool.alias_of)
      .filter((tool) => words.every((word) => `${tool.name} ${tool.description} ${tool.risk}`.toLowerCase().includes(word)));
    const focused = document.activeElement?.closest?.("[data-tool]")?.dataset.tool;
    put(body, found.length === 0 ? empty("No tool fits", "Try another word.") : h("ul", { class: "tool-list" }, found.map((tool) => toolRow(tool, value))));
    if (focused) body.querySelector(`[data-tool="${CSS.escape(focused)}"]`)?.focus();
  };
  tools.watch(signal, show);
  return card("Tools", search, body);
}

const problems = new Map();

function toolRow(tool, all) {
  const aliases = all.filter((other) => other.alias_of === tool.name).map((other) => other.name);
  const facts = [];
  if (!tool.available) facts.push(h("span", { class: "chip warn" }, icon("warn"), "Not available: ", foreign(tool.unavailable_reason ?? "no reason given")));
  if (tool.confinement) {
    const isConfined = tool.confinement === "sandbox";
    facts.push(h("span", { class: `chip ${isConfined ? "quiet" : "warn"}`, title: tool.confinement_remedy }, isConfined ? "sandboxed" : "no sandbox here"));
  }
  if (tool.requires_approval) facts.push(h("span", { class: "chip calm" }, "asks a person"));
  return h(
    "li", { class: tool.enabled ? "tool" : "tool off" },
    toolSwitch(tool),
    h(
      "div", { class: "tool-text" },
      h("div", { class: "row" }, named(tool.name), risk(tool), facts),
      faint(foreign(tool.description), aliases.length > 0 && [" Also called ", foreign(aliases.join(", ")), "."]),
      problems.has(tool.name) && h("div", { role: "alert" }, problemNote(problems.get(tool.name)))));
}

function toolSwitch(tool) {
  if (!may("change_the_configuration")) return h("span", { class: `chip ${tool.enabled ? "ok" : "quiet"}` }, tool.enabled ? "on" : "off");
  const set = async () => {
    problems.delete(tool.name);
    try {
      const { enabled } = await call("PATCH", `tools/${part(tool.name)}/enabled?enabled=${!tool.enabled}`);
      announce(`${tool.name} is ${enabled ? "on" : "off"}`);
    } catch (error) {
      expected(error);
      problems.set(tool.name, error);
    }
    await tools.refresh();
  };
  const press = () => {
    if (tool.enabled || tool.risk !== "high") return set();
    ask({
      title: `Turn on ${tool.name}?`, action: "Turn it on", perform: set,
      body: [h("p", {}, foreign(tool.description)), h("p", {}, "It is of high risk. Every agent that may use it can call it at once, as policy and approvals allow.")],
    });
  };
  return h("button", {
    class: "switch", role: "switch", "aria-checked": String(tool.enabled), "aria-label": tool.name,
    "data-tool": tool.name, title: tool.enabled ? "On. Press to refuse every call at once." : "Off. Press to let it be called.", onclick: press,
  }, h("span", { class: "knob" }));
}

function lastRunsCard(signal) {
  const body = h("div", {});
  newest.watch(signal, ({ value, error }) => {
    if (!value) return put(body, error ? problemNote(error) : loading("runs"));
    if (value.length === 0) return put(body, empty("Nothing ran yet", "Calls appear here as they end."));
    put(body, h("ol", { class: "last-runs" }, value.slice(0, 5).map((entry) => h(
      "li", {}, h(
        "a", { href: `#/runs/${part(entry.audit_id)}` },
        h("span", { class: "row" }, named(titleOf(entry)), status(entry)),
        h("span", { class: "row faint" }, time(entry.ts), h("span", { class: "grow clip" }, callerOf(entry)), entry.duration_ms !== null && h("span", { class: "number" }, duration(entry.duration_ms))))))));
  });
  return card("Last runs", h("a", { href: "#/runs" }, "All runs"), body);
}

const SETTINGS = [
  { key: "approval_mode", label: "When a person is asked", options: [["auto", "Only where policy says so"], ["require_approval", "Policy, and calls that are risky"]] },
  { key: "require_approval_for_risky", label: "Medium and high risk count as risky", help: "Matters only when risky calls are asked about." },
  { key: "max_steps_per_run", label: "Steps of one task, at most", range: [1, 10_000] },
  { key: "max_retries_per_tool", label: "Tries again after a failure, at most", range: [0, 100] },
  { key: "dry_run_default", label: "Calls are dry runs unless they say otherwise", help: "A dry run says what would happen and does nothing." },
  { key: "approval_self", label: "People may decide about their own calls", help: "Off: nobody approves what they asked for themselves, operators included." },
  { key: "approval_strict", label: "Approvals must name exact arguments" },
];

function settingsCard(signal) {
  const mayChange = may("change_the_configuration");
  const drafts = new Map();
  const note = h("div", { role: "alert" });
  const save = h("button", { class: "primary", type: "submit" }, "Save");
  const discard = h("button", { onclick: () => (drafts.clear(), fill(), put(note)) }, "Discard");
  const actions = h("div", { class: "row end", hidden: true }, discard, save);
  const fields = new Map(SETTINGS.map((setting) => [setting.key, settingField(setting, mayChange, () => changed(setting))]));
  const current = () => config.value?.config ?? {};
  const changed = (setting) => {
    const { control, mark } = fields.get(setting.key);
    const value = control.type === "checkbox" ? control.checked : setting.range ? control.value.trim() : control.value;
    if (String(value) === String(current()[setting.key])) drafts.delete(setting.key);
    else drafts.set(setting.key, value);
    mark(null);
    actions.hidden = drafts.size === 0;
  };
  const fill = () => {
    for (const { key } of SETTINGS) {
      const { control, element, mark } = fields.get(key);
      element.hidden = current()[key] === undefined;
      if (drafts.has(key)) continue;
      if (control.type === "checkbox") control.checked = current()[key];
      else control.value = current()[key];
      mark(null);
    }
    actions.hidden = drafts.size === 0;
  };
  const submit = async (event) => {
    event.preventDefault();
    const wanted = {};
    let first = null;
    for (const setting of SETTINGS.filter(({ key }) => drafts.has(key))) {
      const { control, mark } = fields.get(setting.key);
      const draft = drafts.get(setting.key);
      wanted[setting.key] = setting.range ? Number(draft) : draft;
      if (!setting.range) continue;
      const [low, high] = setting.range;
      const isFit = /^\d{1,6}$/.test(draft) && low <= Number(draft) && Number(draft) <= high;
      mark(isFit ? null : `This must be a whole number from ${low} to ${high.toLocaleString("en")}.`);
      if (!isFit) first ??= control;
    }
    if (first) return first.focus();
    save.disabled = true;
    try {
      const answer = await call("PATCH", "config", wanted);
      drafts.clear();
      config.set({ ...config.value, ...answer });
      put(note, notice("ok", "Saved. It holds from the next call on."));
      tools.refresh();
    } catch (error) {
      expected(error);
      let isPlaced = false;
      for (const [key, { mark, control }] of fields) {
        if (!error.message.includes(key)) continue;
        mark(sentence(error.message));
        control.focus();
        isPlaced = true;
      }
      put(note, isPlaced ? null : problemNote(error));
    } finally {
      save.disabled = false;
    }
  };
  const trouble = h("div", {});
  const form = h("form", { class: "fields", onsubmit: submit, oninput: () => put(note), novalidate: true }, [...fields.values()].map(({ element }) => element), note, mayChange && actions);
  const waiting = h("div", {});
  config.watch(signal, ({ value, error }) => {
    form.hidden = !value;
    put(waiting, value ? null : error ? (error.status === 403 ? faint("Your token does not show them.") : problemNote(error)) : loading("settings"));
    if (!value) return;
    put(trouble, [["The configuration file", value.file_problem], ["The policy file", value.policy_problem]].filter(([, problem]) => problem).map(([what, problem]) =>
      notice("warn", `${what} was edited and cannot be used; the last good one holds. `, said(problem))));
    fill();
  });
  return card(
    "Rules", !mayChange && dim("read only"),
    trouble, waiting, form);
}

function settingField(setting, mayChange, onChange) {
  const control = setting.options
    ? h("select", {}, setting.options.map(([value, text]) => h("option", { value }, text)))
    : setting.range
      ? h("input", { type: "text", inputmode: "numeric", class: "narrow" })
      : h("input", { type: "checkbox" });
  control.disabled = !mayChange;
  control.addEventListener("input", onChange);
  const range = setting.range ? `From ${setting.range[0]} to ${setting.range[1].toLocaleString("en")}.` : null;
  return field(setting.label, control, [setting.help, range].filter(Boolean).join(" ") || null);
}

function nodeCard(signal) {
  const place = h("div", {});
  const result = h("div", { role: "status" });
  const test = async () => {
    button.disabled = true;
    put(result, loading("the answer"));
    try {
      const { node: answer } = await get("node/health", { seconds: 30 });
      put(result, answer.status === "ok"
        ? notice("ok", "The node answers.")
        : notice("bad", "The node does not answer. ", answer.error && said(answer.error)));
    } catch (error) {
      expected(error);
      put(result, problemNote(error));
    } finally {
      button.disabled = false;
    }
  };
  const button = h("button", { onclick: test }, "Test connection");
  node.watch(signal, ({ value, isAbsent }) => {
    put(place, value && !isAbsent && card(
    "Windows node", button,
      h("p", {}, code(value.url), value.has_token ? " with a token" : " without a token"), result));
  });
  return place;
}
