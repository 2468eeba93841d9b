// Text of any length in a window: output with its colours, diffs, files. Only the rows on the screen exist.

import { PLAIN, classes, pieces, styleAfter } from "./ansi.js";
import { add, announce, dim, h, put } from "./dom.js";
import { bytes, count } from "./format.js";
import { icon } from "./icons.js";
import { nodes } from "./text.js";
import { Windowed, rem } from "./windowed.js";

const ROW_HEIGHT = 1.375;
/** Characters of a line in one row; the rest of a longer one goes on in the next row. */
const ROW_LENGTH = 400;
const ROWS_IN_VIEW = 22;

/** Where rows begin and end in `text`, and with which look. */
export function rowsOf(text, hasColors) {
  const starts = [];
  const ends = [];
  const styles = [];
  const goesOn = new Set();
  let style = PLAIN;
  let from = 0;
  while (from < text.length) {
    let lineEnd = text.indexOf("\n", from);
    const next = lineEnd < 0 ? text.length : lineEnd + 1;
    if (lineEnd < 0) lineEnd = text.length;
    if (lineEnd > from && text[lineEnd - 1] === "\r") lineEnd -= 1;
    do {
      let end = Math.min(lineEnd, from + ROW_LENGTH);
      if (end < lineEnd && /[\uD800-\uDBFF]/.test(text[end - 1])) end -= 1;
      // A sequence is never cut in two.
      const escape = hasColors && end < lineEnd ? text.lastIndexOf("\x1b", end - 1) : -1;
      if (escape > from && end - escape < 70 && !/^\x1b\[[0-9;:]*m/.test(text.slice(escape, end))) end = escape;
      starts.push(from);
      ends.push(end);
      styles.push(style);
      if (hasColors) style = styleAfter(text.slice(from, end), style);
      if (end < lineEnd) goesOn.add(starts.length);
      from = end;
    } while (from < lineEnd);
    from = next;
  }
  return { starts, ends, styles, goesOn };
}

function diffClass(line) {
  if (line.startsWith("+++") || line.startsWith("---") || /^(diff|index|rename|similarity|new file|deleted) /.test(line)) return "diff-file";
  if (line.startsWith("@@")) return "diff-place";
  if (line.startsWith("+")) return "diff-added";
  return line.startsWith("-") ? "diff-removed" : "";
}

/** `kind`: `output` (with colours), `diff` or `text`. */
export function viewer(text, { label, kind = "text" }) {
  const hasColors = kind === "output" && text.includes("\x1b[");
  const { starts, ends, styles, goesOn } = rowsOf(text, hasColors);
  const rowElement = (index) => {
    const line = text.slice(starts[index], ends[index]);
    const row = h("div", { class: `line ${kind === "diff" ? diffClass(line) : ""} ${goesOn.has(index) ? "goes-on" : ""}`, dir: "ltr" });
    if (goesOn.has(index)) row.append(h("span", { class: "mark" }, "↪ "));
    for (const piece of hasColors ? pieces(line, styles[index]) : [{ text: line, style: PLAIN }]) {
      const look = classes(piece.style);
      row.append(...(look ? [add(h("span", { class: look }), nodes(piece.text, true))] : nodes(piece.text, true)));
    }
    if (line === "") row.append("\n");
    return row;
  };
  const scroller = h("div", { class: `viewer ${kind}`, role: "region", tabindex: 0, "aria-label": label });
  if (starts.length <= 200) {
    scroller.append(...starts.map((_, index) => rowElement(index)));
  } else {
    scroller.classList.add("long");
    const windowed = new Windowed({ scroller, row: rowElement, height: () => rem(ROW_HEIGHT) });
    scroller.style.blockSize = `${ROWS_IN_VIEW * ROW_HEIGHT}rem`;
    windowed.setCount(starts.length);
  }
  const lines = starts.length - goesOn.size;
  return h(
    "figure", { class: "shown-text" },
    h(
      "figcaption", {}, h("span", { class: "caption" }, label),
      dim(`${count(lines, "line")}, ${bytes(new Blob([text]).size)}`), copyButton(() => text, label)),
    scroller);
}

/** A button that puts `text()` on the clipboard. */
export function copyButton(text, what) {
  const button = h("button", { class: "quiet small", "aria-label": `Copy: ${what}` }, icon("copy"), "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      put(button, icon("check"), "Copied");
      announce("Copied");
    } catch {
      put(button, icon("warn"), "Not copied");
      announce("The browser did not allow copying");
    }
    setTimeout(() => put(button, icon("copy"), "Copy"), 2000);
  });
  return button;
}
