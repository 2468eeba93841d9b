// A standing grant, as a person edits it: which calls pass from now on without a question, for whom and how long.

import { Refusal, call } from "./api.js";
import { add, code, foreign, h, put, uniqueID } from "./dom.js";
import { sentence } from "./dialog.js";
import { field } from "./form.js";
import { count, time } from "./format.js";
import { brief } from "./values.js";

const LASTS = [["3600", "1 hour"], ["86400", "1 day"], ["604800", "7 days"], ["2592000", "30 days"], ["", "no end, only the number of uses"]];

const typeOf = (value) => (Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : value === null ? "null" : typeof value);

/** The editor for the item that waits; `value()` is the grant or `null` while a field is wrong. */
export function grantEditor(item, signal) {
  const matchers = Object.entries(item.args ?? {}).map(([name, value]) => matcher(name, value));
  const who = field("For", h("select", {}, item.agent_id && h("option", { value: item.agent_id }, `the agent ${item.agent_id}`), h("option", { value: "" }, "every agent")));
  const uses = field("Uses, at most", h("input", { type: "text", inputmode: "numeric", class: "narrow", autocomplete: "off", placeholder: "no limit" }));
  const lasts = field("Ends after", h("select", {}, LASTS.map(([value, text]) => h("option", { value, selected: value === "86400" }, text))));
  const reach = h("div", { class: "reach", role: "status" });
  const value = () => {
    const text = uses.control.value.trim();
    const isNumber = /^[1-9]\d{0,5}$/.test(text);
    const problem = text === "" ? (lasts.control.value === "" ? "A grant needs a number of uses or an end." : null) : isNumber ? null : "This must be a whole number of 1 or more.";
    uses.mark(problem);
    if (problem) return null;
    return {
      tool_name: item.tool_name, args: Object.fromEntries(matchers.map(({ name, read }) => [name, read()])),
      ...(who.control.value ? { agent_id: who.control.value } : {}),
      ...(text ? { uses: Number(text) } : {}), ...(lasts.control.value ? { expires_in_s: Number(lasts.control.value) } : {}),
    };
  };
  let timer = 0;
  const ask = async () => {
    const grant = value();
    if (!grant || signal.aborted) return;
    try {
      const answer = await call("POST", `approvals/${encodeURIComponent(item.approval_request_id)}/reach`, { grant }, { signal });
      put(
        reach, h("p", {}, h("strong", {}, `In the last 30 days this rule would have let ${count(answer.count, "call")} pass.`)),
        answer.calls?.length > 0 && h("ul", { class: "plain" }, answer.calls.slice(0, 5).map((one) => h("li", {}, code(one.tool_name), " ", brief(one.args_summary ?? one.args, 120), one.ts && [" ", time(one.ts)]))));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      put(reach, error.status === 404 ? null : h("p", { class: "field-problem" }, foreign(sentence(error.message))));
    }
  };
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 250);
  };
  const element = h(
    "fieldset", { class: "grant", oninput: changed }, h("legend", {}, "Calls that pass from now on without a question"),
    h("p", {}, "Of ", code(item.tool_name), matchers.length > 0 ? " with:" : "."), matchers.map(({ element }) => element),
    h("div", { class: "fields three" }, who.element, uses.element, lasts.element), reach);
  ask();
  return { element, value };
}

/** One argument: exactly this, beginning with this, or anything of its kind. A command is judged word by word. */
function matcher(name, value) {
  const words = name === "command" && typeof value === "string" ? value.split(/\s+/).filter(Boolean) : name === "command" && Array.isArray(value) ? value : null;
  if (words && words.every((word) => typeof word === "string")) {
    const parts = words.map((word, index) => single(`${name}, word ${index + 1}`, word));
    return {
      name, element: h("div", { class: "matcher-words" }, parts.map(({ element }) => element)),
      read: () => ({ tokens: parts.map(({ read }) => read()) }),
    };
  }
  const one = single(name, value);
  return { name, element: one.element, read: one.read };
}

function single(title, value) {
  const isText = typeof value === "string";
  const id = uniqueID("match");
  const how = h("select", { "aria-label": `${title}: how it must fit` }, h("option", { value: "exact" }, "is exactly"), isText && h("option", { value: "prefix" }, "begins with"), h("option", { value: "type" }, `is any ${isText ? "text" : typeOf(value)}`));
  const prefix = h("input", { type: "text", id, value: isText ? value : "", "aria-label": `${title}: its beginning`, spellcheck: "false", hidden: true });
  const exact = h("span", { class: "exact clip" }, isText ? code(value) : brief(value, 200));
  how.addEventListener("input", () => {
    prefix.hidden = how.value !== "prefix";
    exact.hidden = how.value !== "exact";
  });
  return {
    element: add(h("div", { class: "matcher" }), [h("code", { class: "name" }, foreign(title)), how, exact, prefix]),
    read: () => (how.value === "exact" ? { exact: value } : how.value === "prefix" ? { prefix: prefix.value } : { type: typeOf(value) }),
  };
}

/** How a grant reads in a list. */
export function grantWords(grant) {
  const one = (rule) => (rule && "prefix" in rule ? ["begins with ", code(rule.prefix)] : rule && "type" in rule ? `any ${rule.type}` : rule?.tokens ? rule.tokens.map((token) => [one(token), " "]) : ["is ", brief(rule?.exact)]);
  return Object.entries(grant.args ?? {}).map(([name, rule]) => h("li", {}, code(name), " ", one(rule)));
}
