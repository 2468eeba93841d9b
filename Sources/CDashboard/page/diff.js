// A unified diff as a table with line numbers: in one column, or before and after side by side.

import { add, h } from "./dom.js";
import { nodes } from "./text.js";

/** Rows that are drawn at first, and with each press. */
export const ROWS = 400;
/** Characters of a line that are drawn at first. */
const LONGEST = 2000;
const SIGNS = { " ": "same", "-": "gone", "+": "come" };

/**
 * Rows of a diff of one file: `{ kind: "place", text }` between its parts, and lines `{ kind, text, old, fresh, twin }`.
 * `kind` is `same`, `gone`, `come`, or `odd` for what is no line of a diff; `twin` is the line that came for one that went.
 */
export function rowsOfDiff(text) {
  const rows = [];
  let old = 0;
  let fresh = 0;
  let isInside = false;
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (const line of lines) {
    const place = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (place) {
      isInside = true;
      [old, fresh] = [Number(place[1]), Number(place[2])];
      rows.push({ kind: "place", text: line });
    } else if (isInside && line.startsWith("\\")) {
      rows.at(-1).isLast = true;
    } else if (isInside) {
      const kind = SIGNS[line[0]] ?? "odd";
      const row = { kind, text: kind === "odd" ? line : line.slice(1) };
      if (kind === "same" || kind === "gone") row.old = old++;
      if (kind === "same" || kind === "come") row.fresh = fresh++;
      rows.push(row);
    }
  }
  for (const { gone, come } of runs(rows)) {
    if (gone.length !== come.length) continue;
    gone.forEach((row, index) => {
      row.twin = come[index];
      come[index].twin = row;
    });
  }
  return rows;
}

/** Lines that went and those that came for them; rows between them stand alone. */
function runs(rows) {
  const made = [];
  for (let at = 0; at < rows.length;) {
    const run = { gone: [], come: [], row: null };
    while (rows[at]?.kind === "gone") run.gone.push(rows[at++]);
    while (rows[at]?.kind === "come") run.come.push(rows[at++]);
    if (run.gone.length + run.come.length === 0) run.row = rows[at++];
    made.push(run);
  }
  return made;
}

/** The same rows in twos, as they stand side by side. */
function sides(rows) {
  return runs(rows).flatMap(({ gone, come, row }) =>
    row ? [{ row }] : Array.from({ length: Math.max(gone.length, come.length) }, (_, index) => ({ left: gone[index] ?? null, right: come[index] ?? null })));
}

/** The table for a file called `name`. */
export function diffTable(rows, { name, isSplit }) {
  const wanted = isSplit ? sides(rows) : rows.map((row) => ({ row }));
  const line = isSplit ? pair : single;
  const body = h("tbody", {});
  let shown = 0;
  const more = h("button", { class: "quiet small", onclick: () => draw(5 * ROWS) });
  const draw = (count) => {
    body.append(...wanted.slice(shown, shown + count).map(line));
    shown = Math.min(wanted.length, shown + count);
    more.hidden = shown === wanted.length;
    more.textContent = `Show more: ${(wanted.length - shown).toLocaleString("en")} lines are left`;
  };
  draw(ROWS);
  const heads = isSplit ? ["Line", "Before", "Line", "After"] : ["Line before", "Line after", "Change"];
  return [
    h(
      "table", { class: `diff${isSplit ? " split-diff" : ""}`, "aria-label": `Changed lines of ${name}` },
      h("thead", {}, h("tr", {}, heads.map((title) => h("th", { scope: "col" }, h("span", { class: "sr" }, title))))), body),
    more,
  ];
}

function single({ row }) {
  if (row.kind === "place") return place(row, 3);
  return h("tr", { class: row.kind }, number(row.old), number(row.fresh), code(row));
}

function pair({ row, left, right }) {
  if (row?.kind === "place") return place(row, 4);
  const [one, other] = row ? [row, row] : [left, right];
  const side = (line, at) => (line ? [number(at), code(line, line.kind)] : [h("td", { class: "none" }), h("td", { class: "none" })]);
  return h("tr", {}, side(one, one?.old), side(other, other?.fresh));
}

const place = (row, width) => h("tr", { class: "place" }, h("td", { colspan: width }, row.text));

const number = (at) => h("td", { class: "line-number" }, at === undefined ? null : String(at));

/** A line with its sign; where it differs from its twin is marked. */
function code(row, look = null) {
  const words = { gone: "-", come: "+" }[row.kind];
  const text = h("bdi", { dir: "ltr" });
  const show = (length) => {
    text.replaceChildren(...pieces(row, length));
    if (row.text.length > length) text.append(h("button", { class: "quiet small", onclick: () => show(Infinity) }, `${(row.text.length - length).toLocaleString("en")} more characters`));
  };
  show(LONGEST);
  return add(h("td", { class: look ? `code ${look}` : "code" }), [
    h("span", { class: "sign" }, words), text, row.isLast && h("span", { class: "faint" }, " no line end"),
  ]);
}

function pieces(row, length) {
  const text = row.text.slice(0, length);
  const range = row.twin && row.text.length <= LONGEST && row.twin.text.length <= LONGEST ? difference(row.text, row.twin.text) : null;
  if (!range) return nodes(text, true);
  const [from, to] = range;
  return [...nodes(text.slice(0, from), true), add(h("span", { class: "differs" }), nodes(text.slice(from, to), true)), ...nodes(text.slice(to), true)];
}

/** Where `text` differs from `other`; `null` where nearly all of it does. */
function difference(text, other) {
  const most = Math.min(text.length, other.length);
  let from = 0;
  while (from < most && text[from] === other[from]) from += 1;
  let end = 0;
  while (end < most - from && text[text.length - 1 - end] === other[other.length - 1 - end]) end += 1;
  if (from + end < Math.max(text.length, other.length) / 3) return null;
  // A character outside the first plane is never cut in two.
  if (/[\uD800-\uDBFF]/.test(text[from - 1] ?? "")) from -= 1;
  if (/[\uDC00-\uDFFF]/.test(text[text.length - end] ?? "")) end -= 1;
  return from < text.length - end ? [from, text.length - end] : null;
}
