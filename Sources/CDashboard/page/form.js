// A form from a tool's JSON schema.

import { add, dim, faint, h, put, uniqueID } from "./dom.js";
import { capital } from "./text.js";

const LONG = new Set(["content", "patch", "script", "text", "command"]);

export class SchemaForm {
  #fields = new Map();

  /** `draft`: texts by field name, kept by the caller while the page changes. */
  constructor(schema, draft) {
    this.draft = draft;
    const required = new Set(schema.required ?? []);
    const names = Object.keys(schema.properties ?? {}).sort((a, b) => required.has(b) - required.has(a));
    this.element = h("div", { class: "fields" }, names.map((name) => this.#field(name, schema.properties[name], required.has(name))));
    if (names.length === 0) this.element.append(faint("This tool takes no arguments."));
  }

  #field(name, schema, isRequired) {
    const control = this.#control(name, schema, isRequired);
    const range = capital(bounds(schema));
    const made = field([h("code", {}, name), isRequired && dim(" required")], control, `${schema.description ?? ""} ${range && `${range}.`}`);
    if (isRequired) control.setAttribute("aria-required", "true");
    control.addEventListener("input", () => {
      this.draft[name] = control.type === "checkbox" ? control.checked : control.value;
      made.mark(null);
      this.onChange?.();
    });
    this.#fields.set(name, { ...made, schema, isRequired });
    return made.element;
  }

  #control(name, schema, isRequired) {
    const kept = this.draft[name];
    if (schema.type === "boolean") return h("input", { type: "checkbox", checked: kept ?? schema.default ?? false });
    if (schema.enum) {
      const options = schema.enum.map((value) => h("option", { value, selected: (kept ?? schema.default) === value }, value));
      return h("select", {}, isRequired ? null : h("option", { value: "" }, "not given"), options);
    }
    const text = kept ?? "";
    const hint = schema.default === undefined ? "" : typeof schema.default === "object" ? JSON.stringify(schema.default) : String(schema.default);
    if (schema.type === "integer" || schema.type === "number") {
      return h("input", { type: "text", inputmode: schema.minimum >= 0 ? "numeric" : "text", value: text, placeholder: hint });
    }
    if (schema.type === "string" && !LONG.has(name)) {
      return h("input", { type: "text", value: text, placeholder: hint, spellcheck: "false" });
    }
    const area = h("textarea", { rows: name === "command" || schema.type === "array" || schema.type === "any" ? 2 : 8, placeholder: hint, spellcheck: "false", class: "mono" });
    area.value = text;
    return area;
  }

  /** The arguments, or `null` when a field is wrong; the first such field then has the focus. */
  values() {
    const args = {};
    let first = null;
    for (const [name, field] of this.#fields) {
      const { value, problem } = read(field);
      field.mark(problem);
      if (problem) first ??= field.control;
      else if (value !== undefined) args[name] = value;
    }
    first?.focus();
    return first ? null : args;
  }

  /** The arguments as far as they are readable; for lines to copy. */
  preview() {
    const args = {};
    for (const [name, field] of this.#fields) {
      const { value } = read(field);
      if (value !== undefined) args[name] = value;
    }
    return args;
  }

  /** Shows what the daemon says of single fields. Answers whether it found any of them. */
  refuse(fields) {
    let first = null;
    for (const { field, reason } of fields) {
      const name = String(field).replace(/^(args|variables)\./, "").split(/[.[]/)[0];
      if (!this.#fields.has(name)) continue;
      this.#fields.get(name).mark(`${reason}.`);
      first ??= this.#fields.get(name).control;
    }
    first?.focus();
    return first !== null;
  }
}

function read({ control, schema, isRequired }) {
  if (control.type === "checkbox") return control.checked === (schema.default ?? false) && !isRequired ? {} : { value: control.checked };
  const text = control.value;
  if (text === "") {
    const mayBeEmpty = schema.type === "string" && !schema.minLength && isRequired;
    return mayBeEmpty ? { value: "" } : isRequired ? { problem: "This is needed." } : {};
  }
  if (schema.type === "integer" || schema.type === "number") {
    const number = Number(text.trim());
    const isFit = Number.isFinite(number) && (schema.type === "number" || Number.isSafeInteger(number))
      && number >= (schema.minimum ?? -Infinity) && number <= (schema.maximum ?? Infinity);
    return isFit ? { value: number } : { problem: `This must be ${schema.type === "integer" ? "a whole number" : "a number"} ${bounds(schema)}.` };
  }
  if (schema.type === "array" && schema.items?.type === "string") return { value: text.split("\n").filter((line) => line !== "") };
  if (schema.type === "object" || schema.type === "array" || schema.type === "any") {
    try {
      return { value: JSON.parse(text) };
    } catch {
      return schema.type === "any" ? { value: text } : { problem: "This must be JSON." };
    }
  }
  if (schema.maxLength && text.length > schema.maxLength) return { problem: `This is longer than ${schema.maxLength} characters.` };
  return { value: text };
}

function bounds(schema) {
  if (schema.minimum !== undefined && schema.maximum !== undefined && schema.maximum < 2 ** 53 - 1) return `from ${schema.minimum} to ${schema.maximum}`;
  if (schema.minimum !== undefined) return `${schema.minimum} or more`;
  if (schema.type === "array" && schema.items?.type === "string") return "one in each line";
  if (schema.type === "any") return "JSON, or a text";
  if (schema.type === "object" || schema.type === "array") return "as JSON";
  return "";
}

/** A labelled control with help and a place for its problem. */
export function field(title, control, help) {
  const id = uniqueID("field");
  control.id = id;
  const problem = h("p", { class: "field-problem", id: `${id}-problem`, hidden: true });
  control.setAttribute("aria-describedby", help ? `${id}-help ${id}-problem` : `${id}-problem`);
  const element = h("div", { class: "field" });
  const name = h("label", { for: id }, title);
  add(element, [control.type === "checkbox" ? h("div", { class: "check" }, control, name) : [name, control], help && h("p", { class: "help", id: `${id}-help` }, help), problem]);
  return {
    element, control,
    mark(text) {
      problem.hidden = !text;
      put(problem, text ?? "");
      if (text) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    },
  };
}

