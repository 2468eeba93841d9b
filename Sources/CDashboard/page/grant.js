// A standing grant, as a person edits it: which calls pass from now on without a question, for whom and how long.

import { call, expected, part } from "./api.js";
import { add, code, h, named, put, uniqueID } from "./dom.js";
import { said } from "./dialog.js";
import { field } from "./form.js";
import { count, time } from "./format.js";
import { plain } from "./text.js";
import { brief } from "./values.js";

const LASTS = [["3600", "1 hour"], ["86400", "1 day"], ["604800", "7 days"], ["2592000", "30 days"], ["", "no end, only the number of uses"]];

/** What the daemon calls the kinds of values that a rule may leave open. */
const kindOf = (value) => (typeof value === "string" ? "string" : Number.isInteger(value) ? "integer" : typeof value === "boolean" ? "boolean" : "any");
const KINDS = { string: "any text", integer: "any whole number", boolean: "yes or no", path: "any path of the workspace", any: "anything" };

/** The editor for the item that waits; `value()` is the grant or `null` while a field is wrong. */
export function grantEditor(item, signal) {
  // The arguments of an effect's application name that one effect: what a grant can speak of is how far effects go.
  const isEffect = item.tool_name === "effect_apply";
  const matchers = isEffect ? [] : Object.entries(item.args ?? {}).map(([name, value]) => matcher(name, value));
  const limits = isEffect ? effectLimits(item.plan ?? {}) : null;
  const people = [["one", `the token ${item.principal}`], item.agent_id && ["label", `the token ${item.principal}, labelled ${item.agent_id}`], ["all", "every token"]].filter(Boolean);
  const who = field("For", h("select", {}, people.map(([value, text]) => h("option", { value }, plain(text)))));
  const uses = field("Uses, at most", h("input", { type: "text", inputmode: "numeric", class: "narrow", placeholder: "no limit" }));
  const lasts = field("Ends after", h("select", {}, LASTS.map(([value, text]) => h("option", { value, selected: value === "86400" }, text))));
  const reach = h("div", { class: "reach", role: "status" });
  const value = () => {
    const text = uses.control.value.trim();
    const isNumber = /^[1-9]\d{0,5}$/.test(text);
    const problem = text === "" ? (lasts.control.value === "" ? "A grant needs a number of uses or an end." : null) : isNumber ? null : "This must be a whole number of 1 or more.";
    uses.mark(problem);
    const within = limits?.read();
    if (problem || within === null) return null;
    return {
      tool_name: item.tool_name, ...(within ? { args: Object.fromEntries(Object.keys(item.args ?? {}).map((name) => [name, { type: "string" }])), within } : { args: Object.fromEntries(matchers.map(({ name, read }) => [name, read()])) }),
      ...(who.control.value === "all" ? {} : { principal: item.principal }), ...(who.control.value === "label" ? { agent_id: item.agent_id } : {}),
      ...(text ? { uses: Number(text) } : {}), ...(lasts.control.value ? { expires_in_s: Number(lasts.control.value) } : {}),
    };
  };
  let timer = 0;
  let asking = new AbortController();
  const ask = async () => {
    // Whatever is still to come is about a rule that is not there any more.
    asking.abort();
    asking = new AbortController();
    const latest = AbortSignal.any([signal, asking.signal]);
    const grant = value();
    if (latest.aborted) return;
    if (!grant) return put(reach);
    try {
      const answer = await call("POST", `approvals/${part(item.approval_request_id)}/reach`, { grant }, { signal: latest });
      put(
        reach, h("p", {}, h("strong", {}, `In the last 30 days this rule would have let ${count(answer.count, "call")} pass.`), answer.undecided > 0 && ` Of ${count(answer.undecided, "call")} the record keeps too little to say.`, answer.truncated && " There were more calls than were looked at."),
        answer.calls?.length > 0 && h("ul", { class: "plain" }, answer.calls.slice(0, 5).map((one) => h("li", {}, code(one.tool_name), " ", brief(one.args_summary ?? one.args, 120), one.ts && [" ", time(one.ts)]))));
    } catch (error) {
      if (latest.aborted) return;
      expected(error);
      put(reach, error.status === 404 ? null : h("p", { class: "field-problem" }, said(error.message)));
    }
  };
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 250);
  };
  const element = h(
    "fieldset", { class: "grant", oninput: changed }, h("legend", {}, "Calls that pass from now on without a question"),
    h("p", {}, "Of ", code(item.tool_name), matchers.length > 0 ? " with:" : isEffect ? " for effects that stay inside all of this:" : "."), matchers.map(({ element }) => element), limits?.element,
    h("div", { class: "fields three" }, who.element, uses.element, lasts.element), reach);
  ask();
  return { element, value };
}

/** How far effects may go, at first as far as this one. */
function effectLimits({ effects, tool_name: tool }) {
  const files = effects?.files ?? [];
  // A name that reads as a pattern would let more pass than it says.
  const places = new Set(files.map(({ path }) => (path.includes("/") ? `${path.split("/")[0]}/**` : path)).filter((one) => /^[^*?[\]{}\\!\n]+(\/\*\*)?$/.test(one)));
  const paths = field("Paths, one in each line", h("textarea", { rows: Math.min(6, places.size + 1), class: "mono", spellcheck: "false", value: [...places].join("\n") }), "A whole folder is written src/**.");
  const number = (title, value) => field(title, h("input", { type: "text", inputmode: "numeric", class: "narrow", placeholder: "no limit", value: String(value) }));
  const isKnown = files.every(({ lines, change }) => typeof lines === "number" || change === "mode");
  const counts = {
    deletions: number("Deleted files, at most", files.filter(({ change }) => change === "deleted").length), files: number("Changed files, at most", files.length),
    lines: number("Changed lines, at most", isKnown ? files.reduce((sum, { lines }) => sum + (lines ?? 0), 0) : ""),
  };
  const check = (title, checked) => field(title, h("input", { type: "checkbox", checked }));
  const flags = {
    modes: check("Permissions may change", files.some(({ before, after }) => before && after && before.mode !== after.mode)),
    links: check("Links may change", files.some(({ before, after }) => before?.kind === "link" || after?.kind === "link")),
  };
  const read = () => {
    const within = tool ? { tools: [tool] } : {};
    let isFit = true;
    const patterns = paths.control.value.split("\n").filter((line) => line.trim() !== "");
    if (patterns.length > 0) within.paths = patterns;
    for (const [name, { control, mark }] of Object.entries(counts)) {
      const text = control.value.trim();
      const isNumber = /^\d{1,9}$/.test(text);
      mark(text === "" || isNumber ? null : "This must be a whole number.");
      if (isNumber) within[name] = Number(text);
      isFit &&= text === "" || isNumber;
    }
    for (const [name, { control }] of Object.entries(flags)) if (!control.checked) within[name] = false;
    return isFit ? within : null;
  };
  return {
    read, element: [
      tool && h("p", {}, "Effects of ", named(tool), " only."), paths.element,
      h("div", { class: "fields three" }, Object.values(counts).map(({ element }) => element)), h("div", { class: "fields three" }, Object.values(flags).map(({ element }) => element)),
    ],
  };
}

/** One argument: exactly this, beginning with this, or anything of its kind. */
function matcher(name, value) {
  const isCommand = name === "command" && (typeof value === "string" || Array.isArray(value));
  // Words in quotes are not taken apart.
  const words = !isCommand ? null : Array.isArray(value) ? value : /^[\w\s./:=@%+,-]+$/.test(value) ? value.split(/\s+/).filter(Boolean) : null;
  if (words?.length > 0) {
    const parts = words.map((word, index) => single(index === 0 ? "program" : `word ${index + 1}`, word, index === 0 ? [] : ["prefix", "word"]));
    const more = field("More words may follow", h("input", { type: "checkbox" }));
    return {
      name, element: h("div", { class: "matcher-words" }, parts.map(({ element }) => element), more.element),
      read: () => ({ words: parts.map(({ read }) => read()), more: more.control.checked }),
    };
  }
  const isText = typeof value === "string";
  const one = single(name, value, isCommand ? ["prefix"] : isText ? ["prefix", "kind"] : ["kind"]);
  return { name, element: one.element, read: one.read };
}

function single(title, value, choices) {
  const isText = typeof value === "string";
  const id = uniqueID("match");
  const kind = choices.includes("word") ? "word" : kindOf(value);
  const options = [["exact", "is exactly"], ["prefix", "begins with"], ["type", choices.includes("word") ? "is any word" : `is ${KINDS[kind]}`]]
    .filter(([how]) => how === "exact" || choices.includes(how) || (how === "type" && (choices.includes("word") || choices.includes("kind"))));
  const how = h("select", { "aria-label": `${title}: how it must fit` }, options.map(([value, text]) => h("option", { value }, text)));
  const prefix = h("input", { type: "text", id, value: isText ? value : "", "aria-label": `${title}: its beginning`, spellcheck: "false", hidden: true });
  const exact = h("span", { class: "exact clip" }, isText ? code(value) : brief(value, 200));
  how.addEventListener("input", () => {
    prefix.hidden = how.value !== "prefix";
    exact.hidden = how.value !== "exact";
  });
  return {
    element: add(h("div", { class: "matcher" }), [named(title), how, exact, prefix]),
    read: () => (how.value === "exact" ? { exact: value } : how.value === "prefix" ? { prefix: prefix.value } : { type: kind }),
  };
}

function limitWords(name, limit) {
  if (name === "paths" || name === "tools") return [name === "paths" ? "only in " : "only effects of ", (Array.isArray(limit) ? limit : []).map((one, index) => [index > 0 && ", ", code(one)])];
  if (name === "modes" || name === "links") return `${name === "modes" ? "permissions" : "links"} ${limit ? "may" : "may not"} change`;
  return `${name === "deletions" ? "deleted files" : `changed ${name}`}: ${Number(limit).toLocaleString("en")} at most`;
}

/** How a grant reads in a list. */
export function grantWords(grant) {
  const one = (rule) => (rule && "prefix" in rule ? ["begins with ", code(rule.prefix)] : rule && "type" in rule ? (KINDS[rule.type] ?? `any ${rule.type}`)
    : rule?.words ? [rule.words.map((word) => ["exact" in word ? code(word.exact) : "prefix" in word ? code(`${word.prefix}…`) : "any word", " "]), rule.more && "and more"] : ["is ", brief(rule?.exact)]);
  // Under limits any effect may be meant.
  const words = grant.within ? [] : Object.entries(grant.args ?? {}).map(([name, rule]) => h("li", {}, code(name), " ", one(rule)));
  return [...words, ...Object.entries(grant.within ?? {}).map(([name, limit]) => h("li", {}, limitWords(name, limit)))];
}
