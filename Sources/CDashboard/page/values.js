// Arguments, plans and results as people read them: what is known has its own form, everything else a plain list.

import { code, dim, faint, foreign, h } from "./dom.js";
import { bytes } from "./format.js";
import { capital, short } from "./text.js";
import { viewer } from "./viewer.js";

const NAMES = {
  argv: "Command", program: "Program", cwd: "Folder", writes: "May write", path: "File",
  size_before: "Size before", size_after: "Size after", creates_folders: "Makes folders",
  timeout_sec: "Ends after", returncode: "Exit status", summary: "In short",
  approval_required: "Needs an approval", truncated: "Cut",
};
const TEXTS = { stdout: "Output", stderr: "Errors", diff: "Changes", content: "Content", patch: "Patch", text: "Text", digest: "Summary", script: "Script" };

/** A value in few words, for a line. */
export function brief(value, limit = 160) {
  if (value === null || value === undefined) return dim("none");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return h("span", { class: "number" }, String(value));
  if (typeof value === "string") return value === "" ? dim("empty") : foreign(short(value, limit));
  if (isDigest(value)) return h("span", {}, `${bytes(value.size)}, SHA-256 `, code(value.sha256.slice(0, 12)));
  return code(short(JSON.stringify(value), limit));
}

function isDigest(value) {
  return typeof value?.sha256 === "string" && typeof value.size === "number" && Object.keys(value).length === 2;
}

/** Names and values in rows; those without a value are left out. */
export function list(rows) {
  return h("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

/** Words of a command, each set apart: nobody has to guess where one ends. */
export function words(list) {
  return h("span", { class: "words", dir: "ltr" }, list.map((word) => h("code", { class: "word" }, foreign(word === "" ? "''" : String(word)))));
}

/** An object as a list of names and values; long texts follow it. */
export function facts(object, { skip = [], kind = "output" } = {}) {
  const rows = [];
  const texts = [];
  // Arguments keep their names and leave nothing out.
  const isExact = kind === "text";
  const titleOf = isExact ? String : label;
  for (const [name, value] of Object.entries(object)) {
    if (skip.includes(name) || (!isExact && value === false && name.endsWith("truncated"))) continue;
    if (typeof value === "string" && (TEXTS[name] || value.length > 400 || value.includes("\n"))) {
      if (value !== "") {
        texts.push(viewer(value, {
          label: titleOf(name), kind: name === "diff" || name === "patch" || (name === "stdout" && /^diff --git /.test(value)) ? "diff" : kind,
        }));
      } else if (isExact || name === "stdout") {
        rows.push([name, dim(isExact ? "empty" : "nothing was printed")]);
      }
    } else {
      rows.push([name, detail(name, value)]);
    }
  }
  return [
    rows.length > 0 && list(rows.map(([name, shown]) => [foreign(titleOf(name)), shown])),
    texts,
  ];
}

export function label(name) {
  return TEXTS[name] ?? NAMES[name] ?? capital(name.replaceAll("_", " "));
}

function detail(name, value) {
  if (name === "policy" && Array.isArray(value?.rules)) {
    return [
      h("span", { class: `chip ${value.verdict === "allow" ? "ok" : value.verdict === "ask" ? "warn" : "bad"}` }, String(value.verdict)),
      value.rules.length > 0 && h("ul", { class: "plain" }, value.rules.map((rule) => h("li", {}, brief(rule, 600)))),
    ];
  }
  if (name === "network") return value ? "on" : "off";
  if (name === "approval_required") return value ? "yes, before it runs" : "no";
  if (/^(size|size_before|size_after)$/.test(name) && typeof value === "number") return bytes(value);
  if (name === "timeout_sec") return `${value} s`;
  if (name === "returncode") return h("span", { class: `chip ${value === 0 ? "ok" : "bad"}` }, String(value));
  if (Array.isArray(value)) return array(name, value);
  if (value && typeof value === "object" && !isDigest(value)) {
    return facts(value);
  }
  return brief(value, 400);
}

function array(name, value) {
  if (value.length === 0) return dim("none");
  if (name === "argv" || (name === "command" && value.every((word) => typeof word === "string"))) return words(value);
  if (value.every((item) => item && typeof item === "object" && !Array.isArray(item))) return table(value);
  const text = value.map((item) => (typeof item === "string" ? item : JSON.stringify(item)));
  if (value.length > 12) return viewer(text.join("\n"), { label: `${label(name)} (${value.length})` });
  return h("ul", { class: "plain" }, text.map((item) => h("li", {}, brief(item, 400))));
}

/** A table that scrolls by itself where it is too wide. */
export function grid(title, columns, rows) {
  return h(
    "div", { class: "scrolls", role: "region", tabindex: 0, "aria-label": title },
    h(
      "table", {}, h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell) => h("td", {}, cell)))))));
}

function table(rows) {
  const columns = [...new Set(rows.slice(0, 50).flatMap((row) => Object.keys(row)))].slice(0, 8);
  const shown = rows.slice(0, 200);
  return h(
    "div", {}, grid("Table", columns.map((name) => foreign(label(name))), shown.map((row) => columns.map((name) => brief(row[name], 300)))),
    shown.length < rows.length && faint(`${rows.length - shown.length} more rows are not shown here.`));
}
