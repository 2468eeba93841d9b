// Elements are made here and nowhere else. Text becomes text nodes, always through text.js; no markup is ever parsed.

import { nodes, plain } from "./text.js";

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected"]);
const SHOWN = new Set(["title", "placeholder", "aria-label"]);

const USUAL = { button: { type: "button" }, input: { autocomplete: "off" } };

/** `h("p", {class: "note"}, "text", node, [more])`; attributes that are null or false are left out. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), { ...USUAL[tag], ...attributes }, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") {
      element.addEventListener(name.replace(/^on/, ""), value);
    } else if (PROPERTIES.has(name)) {
      element[name] = value;
    } else if (name === "href" && !/^[#/]/.test(value)) {
      throw new Error("a link leads only to pages of our own");
    } else {
      element.setAttribute(name, value === true ? "" : SHOWN.has(name) ? plain(String(value)) : String(value));
    }
  }
  add(element, children);
  return element;
}

export function add(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    if (child instanceof Node) element.append(child);
    else element.append(...nodes(String(child)));
  }
  return element;
}

/** Puts `children` in the place of what is in `element`. */
export function put(element, ...children) {
  element.replaceChildren();
  return add(element, children);
}

/** Text that somebody else wrote: isolated, so that its direction ends with it. */
export function foreign(text, attributes = {}) {
  return h("bdi", attributes, String(text));
}

export function code(text) {
  return h("code", { dir: "ltr" }, foreign(text));
}

/** A paragraph that steps back. */
export const faint = (...children) => h("p", { class: "faint" }, children);

/** The same within a line. */
export const dim = (...children) => h("span", { class: "faint" }, children);

/** The name of a tool. */
export const named = (name) => h("code", { class: "name" }, foreign(name));

let serial = 0;

/** An id for `aria-labelledby` and the like. */
export function uniqueID(prefix) {
  serial += 1;
  return `${prefix}-${serial}`;
}

/** Says `text` to screen readers, without moving the focus. */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (region) region.textContent = plain(text);
}
