// What a call does to files, as one reads it: the tree of the files at the side, deletions first, and what changes in each.

import { code, dim, faint, foreign, h, put } from "./dom.js";
import { notice, said } from "./dialog.js";
import { ROWS, diffTable, rowsOfDiff } from "./diff.js";
import { bytes, count } from "./format.js";
import { ListBox } from "./listbox.js";
import { list } from "./values.js";
import { rem } from "./windowed.js";

/** Files that are on the page at first, and come with each look at the end. */
const FILES = 60;
/** Lines of a deleted file that are shown unasked. */
const SHORT = 40;
const LOOKS = { deleted: ["deleted", "bad"], added: ["added", "ok"], modified: ["modified", "calm"], mode: ["mode", "warn"], symlink: ["link", "warn"] };

/** What somebody chose; `null`: as the width has it. */
let chosen = null;
const wide = matchMedia("(width >= 100rem)");
const roomy = matchMedia("(width >= 62rem)");

/** `effects`: the contract's, of a preview, a call or an undo. `signal`: aborted when the page is left, where there is one. */
export function changes(effects, signal = null) {
  return new Changes(effects, signal).element;
}

class Changes {
  #first = 0;
  #parts = new Map();
  #sections = h("div", { class: "stack" });
  #before = h("button", { class: "quiet", onclick: () => this.#earlier() });
  #after = h("button", { class: "quiet", onclick: () => this.#later() });
  #closed = new Set();
  #rows = [];
  #open = -1;

  constructor(effects, signal) {
    const all = effects.files ?? [];
    this.files = [...all.filter((file) => file.change === "deleted"), ...all.filter((file) => file.change !== "deleted")];
    const moved = new Map(all.filter((file) => file.renamed_from).map((file) => [file.renamed_from, file.path]));
    this.moved = (file) => (file.change === "deleted" ? moved.get(file.path) : undefined);
    this.observer = new IntersectionObserver((seen) => seen.forEach(({ target, isIntersecting }) => isIntersecting && this.#near(target)), { rootMargin: "500px 0px", scrollMargin: "500px 0px" });
    this.observer.observe(this.#after);
    const turn = () => this.#redraw();
    wide.addEventListener("change", turn);
    signal?.addEventListener("abort", () => {
      this.observer.disconnect();
      wide.removeEventListener("change", turn);
    });
    this.element = this.files.length === 0 ? faint("No file and no link changes.") : h(
      "div", { class: "changes" }, this.#head(effects),
      h("div", { class: "changes-panes" }, this.files.length > 1 && this.#side(), h("div", { class: "stack" }, this.#before, this.#sections, this.#after)));
    this.#draw(0, FILES);
  }

  #head(effects) {
    const numbers = Object.entries(LOOKS).map(([change, [word, tone]]) => {
      const number = this.files.filter((file) => file.change === change).length;
      return number > 0 && h("span", { class: `chip ${tone}` }, `${number.toLocaleString("en")} ${word}`);
    });
    const split = h("button", {
      class: "switch", role: "switch", "aria-label": "Side by side", "aria-checked": String(isSplit()), onclick: () => {
        chosen = !isSplit();
        this.#redraw();
      },
    }, h("span", { class: "knob" }));
    this.split = split;
    return [
      h("div", { class: "row" }, h("strong", {}, count(this.files.length, "file")), numbers, roomy.matches && h("span", { class: "row side-by-side" }, split, h("span", { "aria-hidden": "true" }, "Side by side"))),
      effects.truncated && notice("warn", "It is too much to be shown whole: some files or lines are left out here. All of it is part of the effect; no deletion is left out."),
    ];
  }

  // The tree

  #side() {
    const groups = [["Deleted", this.files.filter((file) => file.change === "deleted")], ["Changed", this.files.filter((file) => file.change !== "deleted")]];
    const trees = groups.filter(([, files]) => files.length > 0).map(([title, files]) => ({ title, tree: treeOf(files) }));
    const place = new Map(this.files.map((file, index) => [file, index]));
    const tree = new ListBox({
      label: "Files, deletions first", height: () => rem(1.75), key: (index) => this.#rows[index]?.key,
      isOpened: (index) => this.#rows[index]?.file !== undefined && place.get(this.#rows[index].file) === this.#open,
      content: (index) => treeRow(this.#rows[index]),
      onOpen: (index) => {
        const { file, key } = this.#rows[index];
        if (file) return this.#jump(place.get(file));
        if (!this.#closed.delete(key)) this.#closed.add(key);
        show();
      },
    });
    this.tree = tree;
    const show = () => {
      this.#rows = trees.flatMap(({ title, tree: root }) => flat(root, { title, key: title, closed: this.#closed }));
      tree.setCount(this.#rows.length);
      tree.refresh();
    };
    show();
    return h("details", { class: "tree", open: roomy.matches, ontoggle: () => tree.refresh() }, h("summary", {}, "Files"), tree.element);
  }

  #jump(index) {
    this.#open = index;
    if (!this.#parts.has(this.files[index])) this.#draw(index, index + FILES);
    const { element } = this.#parts.get(this.files[index]);
    element.open = true;
    element.scrollIntoView({ block: "start" });
    element.querySelector("summary").focus({ preventScroll: true });
    this.tree.refresh();
  }

  // The files

  #draw(first, end) {
    this.#first = first;
    this.#parts.clear();
    this.#sections.replaceChildren();
    this.#append(first, end);
  }

  #append(first, end, isBefore = false) {
    const made = this.files.slice(first, end).map((file) => this.#part(file).element);
    if (isBefore) this.#sections.prepend(...made);
    else this.#sections.append(...made);
    const left = this.files.length - this.#first - this.#parts.size;
    this.#before.hidden = this.#first === 0;
    this.#after.hidden = left === 0;
    this.#before.textContent = `Show the files before: ${count(this.#first, "file")}`;
    this.#after.textContent = `Show more: ${count(left, "file")} to come`;
  }

  #earlier() {
    const end = this.#first;
    this.#first = Math.max(0, end - FILES);
    this.#append(this.#first, end, true);
  }

  #later() {
    const from = this.#first + this.#parts.size;
    this.#append(from, from + FILES);
  }

  #near(target) {
    if (target === this.#after) return this.#after.hidden || this.#later();
    this.observer.unobserve(target);
    for (const part of this.#parts.values()) if (part.body === target && part.element.open) part.draw();
  }

  #redraw() {
    this.split?.setAttribute("aria-checked", String(isSplit()));
    for (const part of this.#parts.values()) if (part.isDrawn) part.draw();
  }

  #part(file) {
    const body = h("div", { class: "file-body" });
    const part = {
      body, isDrawn: false,
      draw() {
        part.isDrawn = true;
        body.style.minHeight = "";
        put(body, fileBody(file));
      },
    };
    const rows = file.diff ? Math.min(ROWS, (file.lines ?? 0) + 7) : 2;
    body.style.minHeight = `${rows * 1.375}rem`;
    part.element = h(
      "details", {
        class: `file ${file.change}`, open: file.change !== "deleted" || (file.lines ?? 0) <= SHORT,
        // One that is opened is on the screen; the observer sees it.
        ontoggle: () => part.element.open && !part.isDrawn && this.observer.observe(body),
      }, h("summary", {}, fileHead(file, this.moved(file))), body);
    this.#parts.set(file, part);
    this.observer.observe(body);
    return part;
  }
}

const isSplit = () => roomy.matches && (chosen ?? wide.matches);

function treeOf(files) {
  const root = { folders: new Map(), files: [] };
  files.forEach((file, index) => {
    const parts = file.path.split("/");
    const name = parts.pop();
    let at = root;
    for (const part of parts) {
      if (!at.folders.has(part)) at.folders.set(part, { folders: new Map(), files: [] });
      at = at.folders.get(part);
    }
    at.files.push({ file, name, index });
  });
  return root;
}

/** Rows of a tree. A folder that holds nothing but one folder stands in one row with it. */
function flat(root, { title, key, closed }) {
  const rows = [{ key, name: title, depth: 0, isTitle: true, isClosed: closed.has(key) }];
  const walk = (node, prefix, depth) => {
    for (let [name, folder] of node.folders) {
      while (folder.files.length === 0 && folder.folders.size === 1) {
        const [[next, inner]] = folder.folders;
        name += `/${next}`;
        folder = inner;
      }
      const path = `${prefix}${name}/`;
      rows.push({ key: path, name: `${name}/`, depth, isClosed: closed.has(path) });
      if (!closed.has(path)) walk(folder, path, depth + 1);
    }
    for (const { file, name, index } of node.files) rows.push({ key: `${prefix}${index}`, name, file, depth });
  };
  if (!closed.has(key)) walk(root, `${key} `, 1);
  return rows;
}

function treeRow(row) {
  if (!row) return [];
  const [word, tone] = LOOKS[row.file?.change] ?? [];
  const element = h(
    "span", { class: `tree-row${row.isTitle ? " tree-title" : ""}` },
    !row.file && h("span", { class: "faint", "aria-hidden": "true" }, row.isClosed ? "▸" : "▾"),
    h("span", { class: "clip grow path" }, foreign(row.name)), !row.file && row.isClosed && h("span", { class: "sr" }, "closed"),
    word && h("span", { class: `chip ${tone}` }, h("span", { class: "sr" }, word), h("span", { "aria-hidden": "true" }, word.length > 4 ? word[0].toUpperCase() : word)));
  element.style.paddingInlineStart = `${Math.min(row.depth, 10) * 0.8}rem`;
  return element;
}

const path = (text) => h("code", { class: "path", dir: "ltr" }, foreign(text));

function fileHead(file, movedTo) {
  const { before, after } = file;
  const [word, tone] = LOOKS[file.change] ?? [String(file.change), "quiet"];
  const hasMode = before && after && before.mode !== after.mode && after.kind !== "link";
  return [
    path(file.path), h("span", { class: `chip ${tone}` }, word),
    file.renamed_from && h("span", { class: "from" }, "renamed from ", path(file.renamed_from)), movedTo && h("span", { class: "from" }, "moved to ", path(movedTo)),
    hasMode && h("span", { class: "chip warn" }, `${before.mode} → ${after.mode}`),
    !before && after && after.kind !== "link" && Number.parseInt(after.mode, 8) & 0o111 ? h("span", { class: "chip warn" }, "executable") : null,
    file.binary && h("span", { class: "chip quiet" }, "binary"),
    typeof file.lines === "number" && file.lines > 0 && dim(count(file.lines, "line")),
  ];
}

function fileBody(file) {
  const { before, after } = file;
  const isLink = before?.kind === "link" || after?.kind === "link";
  const isWhole = !before || !after;
  return [
    file.path_hex && notice("warn", "Its name is not text. The bytes of its path: ", code(file.path_hex)),
    before && after && (before.kind === "link") !== (after.kind === "link") && notice("warn", after.kind === "link" ? "A file becomes a link." : "A link becomes a file."),
    isLink && faint("A link: the line is where it leads."),
    file.diff_withheld && notice("warn", "What it holds is not shown: ", said(file.diff_withheld)),
    file.diff && diffTable(rowsOfDiff(file.diff), { name: file.path, isSplit: isSplit() && !isWhole }),
    file.diff_truncated && notice("warn", "The rest of its lines is not shown here."),
    !file.diff && withoutDiff(file),
  ];
}

/** What is said of a file whose lines are not shown. */
function withoutDiff({ change, before, after, binary, lines, diff_withheld: isWithheld }) {
  if (change === "mode") return faint(`Only its permissions change, from ${before?.mode} to ${after?.mode}.`);
  const states = [before, after].filter(Boolean);
  if (states.every(({ size }) => size === 0)) return faint("It is empty.");
  const state = (one) => one && [bytes(one.size), ", SHA-256 ", code(one.sha256)];
  return [
    before && after && before.sha256 === after.sha256 && faint("What it holds stays."),
    !isWithheld && !binary && lines === undefined && faint("Its lines are not compared here."),
    list([["Before", state(before)], ["After", state(after)]]),
  ];
}
