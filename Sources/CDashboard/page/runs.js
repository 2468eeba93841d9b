// The record: every call, refusal and change, newest first, and one of them in full with its receipt.

import { expected, get, may, part, session } from "./api.js";
import { code, faint, foreign, h, named, put } from "./dom.js";
import { empty, loading, notice, problemNote, said, section } from "./dialog.js";
import { STATUSES, callerOf, count, duration, status, time, titleOf } from "./format.js";
import { icon } from "./icons.js";
import { ListBox } from "./listbox.js";
import { on } from "./live.js";
import { outputOf } from "./outputs.js";
import { soon } from "./soon.js";
import { tools } from "./store.js";
import { brief, facts, grid, label, list } from "./values.js";
import { verify } from "./verify.js";
import { viewer } from "./viewer.js";
import { rem } from "./windowed.js";

const PAGE = 100;
/** How many pages one look for a word reads before it asks whether to go on. */
const PAGES_AT_ONCE = 20;

class Record {
  entries = [];
  next = null;
  isEnd = false;
  error = null;
  #pending = null;

  constructor(filters, onChange) {
    this.filters = filters;
    this.onChange = onChange;
    this.words = (filters.text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    this.abort = new AbortController();
  }

  #query(more) {
    const query = new URLSearchParams({ limit: String(PAGE), ...more });
    for (const name of ["kind", "status", "tool_name", "principal", "agent_id"]) {
      if (this.filters[name]) query.set(name, this.filters[name]);
    }
    return get(`logs?${query}`, { signal: this.abort.signal });
  }

  #fits(entry) {
    if (this.words.length === 0) return true;
    const text = JSON.stringify(entry).toLowerCase();
    return this.words.every((word) => text.includes(word));
  }

  /** Reads on; one reading at a time. */
  more() {
    if (this.isEnd || this.abort.signal.aborted) return;
    this.#pending ??= this.#read().finally(() => (this.#pending = null));
  }

  get isReading() {
    return this.#pending !== null;
  }

  async #read() {
    try {
      const before = this.entries.length;
      for (let round = 0; round < PAGES_AT_ONCE; round += 1) {
        const page = await this.#query(this.next === null ? {} : { before: String(this.next) });
        this.entries.push(...page.logs.filter((entry) => this.#fits(entry)));
        this.next = page.next;
        this.isEnd = page.next === null;
        this.error = null;
        if (this.isEnd || this.entries.length >= before + 40) break;
      }
    } catch (error) {
      if (this.abort.signal.aborted) return;
      expected(error);
      this.error = error;
    }
    this.onChange(0);
  }

  /** Takes in what happened since; what is asked for meanwhile is answered by one more look. */
  async renew() {
    if (this.isRenewing) return (this.isStale = true);
    this.isRenewing = true;
    do {
      this.isStale = false;
      await this.#look();
    } while (this.isStale);
    this.isRenewing = false;
  }

  async #look() {
    await this.#pending;
    let page;
    try {
      page = await this.#query({});
    } catch {
      return; // The next event, or the reconnect, asks again.
    }
    const known = new Map(this.entries.slice(0, 2 * PAGE).map((entry, index) => [entry.audit_id, index]));
    const fresh = [];
    for (const entry of page.logs) {
      const at = known.get(entry.audit_id);
      if (at !== undefined) this.entries[at] = entry;
      else if (this.#fits(entry) && (this.entries.length === 0 || entry.seq > this.entries[0].seq)) fresh.push(entry);
    }
    if (fresh.length === PAGE) {
      // More came than one page: what lies between is read anew.
      this.entries = fresh;
      this.next = page.next;
      this.isEnd = page.next === null;
      return this.onChange(-1);
    }
    this.entries.unshift(...fresh);
    this.onChange(fresh.length);
  }
}

export function runsPage({ signal, path, query, go }) {
  let openID = path[1] ?? null;
  let shownQuery = query.toString();
  const details = h("section", { class: "detail", "aria-label": "One run", tabindex: -1 });
  const state = h("div", { class: "list-state" });
  let list = null;
  let record = null;
  const show = (added) => {
    const height = rem(3.5);
    const isAtTop = list.element.scrollTop < height;
    list.setCount(record.entries.length);
    if (added > 0 && !isAtTop) list.element.scrollTop += added * height;
    put(
      state,
      record.error ? problemNote(record.error, h("button", { onclick: () => record.more() }, "Try again"))
        : record.entries.length === 0 && record.isEnd
          ? empty("Nothing fits", shownQuery ? "Take a filter away to see more." : "Calls appear here as they happen.")
          : record.entries.length === 0 && record.isReading ? loading("runs")
            : !record.isEnd && record.words.length > 0 && !record.isReading && h("button", { onclick: () => record.more() }, "Search older entries"));
  };
  list = new ListBox({
    label: "Runs, newest first", height: () => rem(3.5),
    key: (index) => record.entries[index]?.audit_id,
    isOpened: (index) => record.entries[index]?.audit_id === openID,
    content: (index) => row(record.entries[index]),
    onEnd: () => record?.words.length === 0 && record.more(),
    onOpen: (index) => go(["runs", record.entries[index].audit_id], new URLSearchParams(shownQuery), { keepsList: true }),
  });
  const form = filterForm(Object.fromEntries(query), (wanted) => go(["runs", openID].filter(Boolean), wanted, { keepsList: true }));
  const page = h(
    "div", { class: "page split" },
    h("header", { class: "page-head" }, h("h1", {}, "Runs"), form.element),
    h("div", { class: "panes" }, h("section", { class: "list-pane", "aria-label": "List of runs" }, list.element, state), details));
  const read = (wanted) => {
    record?.abort.abort();
    record = new Record(Object.fromEntries(wanted), show);
    list.setCount(0);
    put(state, loading("runs"));
    record.more();
  };
  for (const kind of ["run", "config", "lockdown", "approval"]) on(kind, signal, () => record.renew());
  signal.addEventListener("abort", () => record.abort.abort());
  let leave = new AbortController();
  const open = (id) => {
    openID = id;
    page.classList.toggle("has-detail", Boolean(id));
    leave.abort();
    leave = new AbortController();
    showDetail(details, id, AbortSignal.any([signal, leave.signal]), () => go(["runs"], new URLSearchParams(shownQuery), { keepsList: true }));
  };
  read(query);
  open(openID);
  // Another entry of the same list: the list stays where it is. Another filter: what is being typed stays.
  page.goTo = (id, wanted) => {
    if (wanted.toString() !== shownQuery) {
      shownQuery = wanted.toString();
      form.show(Object.fromEntries(wanted));
      read(wanted);
    }
    if (id === openID) return;
    open(id);
    list.refresh();
    if (id && matchMedia("(width < 62rem)").matches) details.focus();
    else if (!id) list.element.focus();
  };
  return page;
}

function row(entry) {
  if (!entry) return [];
  const gist = entry.error ?? entry.args_summary ?? entry.path ?? entry.result_summary
    ?? (entry.after && changedNames(entry).map((name) => `${label(name)}: ${inWords(entry.after[name])}`).join(", "));
  return [
    h("span", { class: "option-main" }, named(titleOf(entry)), status(entry)),
    h(
      "span", { class: "option-more faint" },
      time(entry.ts), h("span", { class: "grow clip" }, callerOf(entry), gist && [" · ", brief(gist, 200)]),
      entry.duration_ms !== null && h("span", { class: "number" }, duration(entry.duration_ms))),
  ];
}

const inWords = (value) => (value === null || value === undefined ? "none" : typeof value === "object" ? JSON.stringify(value) : String(value));

function filterForm(filters, apply) {
  const box = (type, name, label) => h("input", { type, name, value: filters[name] ?? "", placeholder: label, "aria-label": label });
  const controls = [
    box("search", "text", "Search in entries"), select("kind", "Kind", [["call", "Calls"], ["change", "Changes"]], filters), select("status", "Outcome", STATUSES, filters),
    select("tool_name", "Tool", (tools.value ?? []).filter((one) => !one.alias_of).map((one) => [one.name, one.name]), filters),
    box("text", "principal", "Token name"), box("text", "agent_id", "Agent label"),
  ];
  const send = () => apply(new URLSearchParams(controls.filter((one) => one.value.trim()).map((one) => [one.name, one.value.trim()])));
  return {
    element: h(
      "form", { class: "filters", role: "search", onsubmit: (event) => (event.preventDefault(), send()), onchange: send },
      controls, h("button", { class: "sr-focusable", type: "submit" }, "Search")),
    show(wanted) {
      for (const one of controls) if (one !== document.activeElement) one.value = wanted[one.name] ?? "";
    },
  };
}

function select(name, label, options, filters) {
  const chosen = filters[name] ?? "";
  const known = options.some(([value]) => value === chosen) || chosen === "" ? options : [...options, [chosen, chosen]];
  return h("select", { name, "aria-label": label }, h("option", { value: "" }, `${label}: all`), known.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
}

async function showDetail(place, id, signal, close) {
  if (!id) return put(place, empty("No run chosen", "Choose one in the list to see its arguments, its timing and its receipt."));
  put(place, loading("the run"));
  const back = h("button", { class: "quiet back", onclick: close }, icon("back"), "All runs");
  const load = async () => {
    try {
      const answer = await get(`audit/${part(id)}`, { signal });
      if (!signal.aborted) put(place, back, runDetail(answer, signal));
      return answer.entry;
    } catch (error) {
      if (signal.aborted) return null;
      expected(error);
      put(place, back, problemNote(error));
      return null;
    }
  };
  let entry = await load();
  const isOpen = () => entry?.kind === "intent";
  on("run", signal, async () => isOpen() && (entry = await load()));
  on("effect", signal, async (event) => {
    if (event?.audit_id !== id || event.state !== "undone") return;
    const wasHere = place.contains(document.activeElement);
    entry = await load();
    if (wasHere && document.activeElement === document.body) place.focus();
  });
  on("printed", signal, async (printed) => printed === id && isOpen() && (entry = await load()));
}

function runDetail({ entry, receipt, lines }, signal) {
  const isRequest = entry.tool_name === "request";
  const when = list([
    ["Began", time(entry.ts)],
    ["Took", entry.duration_ms === null ? null : duration(entry.duration_ms)],
    ["Called by", h("span", {}, callerOf(entry))],
    ["Through", entry.door && foreign(entry.door)],
    ["Called as", entry.called_as && code(entry.called_as)],
    ["Request", isRequest && entry.path && code(`${entry.method} ${entry.path}`)],
    ["Reason given", entry.reason && foreign(entry.reason)],
    ["Department", entry.department && foreign(entry.department)],
    ["Can be undone", typeof entry.undoable === "boolean" && (entry.undoable ? "yes" : ["no", entry.undo_problem && [": ", foreign(entry.undo_problem)]])],
    ["Undone", entry.undone_by && h("a", { href: `#/runs/${part(entry.undone_by)}` }, "by this call")],
    ["Effect", entry.effect_id && [h("a", { href: `#/effects/${part(entry.effect_id)}` }, "what the preview found"), typeof entry.files_changed === "number" && `, ${count(entry.files_changed, "file")}`]],
    ["In short", entry.result_summary && foreign(entry.result_summary)],
    ["Trace", entry.trace_id && code(entry.trace_id)],
    ["Entry", code(entry.audit_id)],
  ]);
  const kept = outputOf(entry.audit_id);
  return [
    h("header", { class: "detail-head" }, h("h2", {}, named(titleOf(entry))), status(entry)),
    entry.error && notice("bad", said(entry.error)),
    when,
    entry.args && Object.keys(entry.args).length > 0 && section("Arguments", facts(entry.args, { kind: "text" })),
    (entry.before || entry.after) && section("Changed", changeTable(entry)),
    entry.undoable === true && may("run_tools") && (entry.principal === session.who.principal || session.who.role === "operator") && soon(() => import("./undo.js"), ({ undoPart }) => undoPart(entry.audit_id, signal)),
    output(kept),
    section("Receipt", receiptPart(entry, receipt, lines)),
  ];
}

function output(kept) {
  if (kept?.result) return section("Result, as this page got it", facts(kept.result));
  const streams = Object.entries(kept?.streams ?? {});
  return streams.length > 0 && section("Output so far", streams.map(([name, { text }]) => viewer(text, { label: name === "stderr" ? "Errors" : "Output", kind: "output" })));
}

/** What a change changed. */
function changedNames({ before, after }) {
  return [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
    .filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]) || Object.keys(after ?? {}).length < 4);
}

function changeTable(entry) {
  return grid("Changed values", ["What", "Before", "After"], changedNames(entry).map((name) => [foreign(label(name)), brief(entry.before?.[name]), brief(entry.after?.[name])]));
}

function receiptPart(entry, receipt, lines) {
  const checks = h("div", { role: "status" }, faint("Checking in this browser…"));
  verify({ entry, receipt, lines }).then((found) => put(checks, h("ul", { class: "checks" }, found.map(({ ok, text }) => h(
    "li", { class: ok === null ? "faint" : ok ? "good" : "wrong" },
    ok === null ? null : icon(ok ? "check" : "warn"), h("span", {}, h("span", { class: "sr" }, ok === null ? "Not checked: " : ok ? "In order: " : "Wrong: "), text))))));
  return [
    checks,
    receipt && list([["Line", receipt.seq], ["Hash", code(receipt.hash)], ["Line before", code(receipt.prev)], ["Checkpoint", receipt.checkpoint && [`${count(receipt.checkpoint.size, "line")}, signed `, time(receipt.checkpoint.signed_at)]]]),
  ];
}

