// Goals and the steps towards them: the list, and a form for a new one.

import { call, expected, get, may, part } from "./api.js";
import { announce, code, faint, foreign, h, put } from "./dom.js";
import { empty, loading, problemNote, said } from "./dialog.js";
import { field } from "./form.js";
import { time } from "./format.js";
import { ListBox } from "./listbox.js";
import { on } from "./live.js";
import { Paged } from "./paged.js";
import { showTask, state } from "./task.js";
import { draftOf } from "./try.js";
import { brief } from "./values.js";
import { rem } from "./windowed.js";

const PAGE = 100;
const STATUSES = [["pending", "Not begun"], ["running", "Running"], ["waiting_approval", "Waiting for a person"], ["paused", "Paused"], ["completed", "Completed"], ["failed", "Failed"], ["cancelled", "Cancelled"]];

export function tasksPage({ signal, path, query, go }) {
  let openID = path[1] ?? null;
  let status = query.get("status") ?? "";
  let leave = new AbortController();
  let leaveList = new AbortController();
  let tasks = null;
  const filtered = () => new URLSearchParams(status && { status });
  const walk = (...more) => go(["tasks", ...more], filtered(), { keepsList: true });
  const detail = h("section", { class: "detail", "aria-label": "One task", tabindex: -1 });
  const place = h("div", { class: "list-state" });
  const list = new ListBox({
    label: "Tasks, newest first", height: () => rem(3.5), key: (index) => tasks.items[index]?.task_id,
    isOpened: (index) => tasks.items[index]?.task_id === openID, content: (index) => row(tasks.items[index]),
    onEnd: () => tasks?.more(), onOpen: (index) => walk(tasks.items[index].task_id),
  });
  const show = () => {
    list.setCount(tasks.items.length);
    list.refresh();
    list.element.hidden = tasks.items.length === 0;
    put(
      place, tasks.error ? problemNote(tasks.error, h("button", { onclick: () => tasks.renew() }, "Try again"))
        : tasks.items.length > 0 ? null
          : !tasks.isRead ? loading("tasks") : status ? empty("No task is in this state") : empty("There is no task yet", "A task is a goal and the steps towards it. Whoever may run tools can make one."));
  };
  const read = () => {
    leaveList.abort();
    leaveList = new AbortController();
    const wanted = status;
    const end = AbortSignal.any([signal, leaveList.signal]);
    tasks = new Paged({
      signal: end, onChange: show, idOf: (task) => task.task_id, read: async (before) => {
        const query = new URLSearchParams({ limit: PAGE, ...(wanted && { status: wanted }), ...(before !== null && { before }) });
        const page = await get(`tasks?${query}`, { signal: end });
        return { items: page.tasks, next: page.next };
      },
    });
    show();
    tasks.renew();
  };
  const choose = h(
    "select", { "aria-label": "State", onchange: () => go(["tasks", openID].filter(Boolean), new URLSearchParams(choose.value && { status: choose.value }), { keepsList: true }) },
    h("option", { value: "" }, "State: all"), STATUSES.map(([value, text]) => h("option", { value, selected: value === status }, text)));
  const page = h(
    "div", { class: "page split" },
    h("header", { class: "page-head" }, h("h1", {}, "Tasks"), h("div", { class: "filters" }, choose), may("run_tools") && h("button", { class: "primary", onclick: () => walk("new") }, "New task")),
    h("div", { class: "panes" }, h("section", { class: "list-pane", "aria-label": "List of tasks" }, list.element, place), detail));
  const open = (id) => {
    openID = id;
    page.classList.toggle("has-detail", Boolean(id));
    leave.abort();
    leave = new AbortController();
    const end = AbortSignal.any([signal, leave.signal]);
    if (id === "new") put(detail, newTask((made) => walk(made), () => walk()));
    else if (id) showTask(detail, id, end, () => walk());
    else put(detail, empty("No task chosen", "Choose one in the list to see its steps."));
  };
  on("task", signal, (event) => {
    // One further down than the first page.
    const known = tasks.items.find((one) => one.task_id === event?.task_id);
    if (known && typeof event.status === "string") known.status = event.status;
    tasks.renew();
  });
  read();
  open(openID);
  page.goTo = (id, wanted) => {
    const next = wanted.get("status") ?? "";
    if (next !== status) {
      status = next;
      choose.value = status;
      read();
    }
    if (id === openID) return;
    open(id);
    list.refresh();
    if (id === "new") detail.querySelector("textarea")?.focus();
    else if (!id) list.element.focus();
    else if (matchMedia("(width < 62rem)").matches || document.activeElement === document.body) detail.focus();
  };
  return page;
}

function row(task) {
  if (!task) return [];
  return [
    h("span", { class: "option-main" }, h("strong", { class: "grow clip" }, brief(task.goal, 200)), state(task.status)),
    h(
      "span", { class: "option-more faint" }, time(task.created_at),
      h("span", { class: "grow clip" }, foreign(task.principal), task.note && [" · ", brief(task.note, 160)]),
      h("span", { class: "number" }, `${task.steps_done} of ${task.step_count}`)),
  ];
}

function newTask(onMade, close) {
  const draft = draftOf("\u0000task");
  const area = (name, rows, more) => {
    const box = h("textarea", { rows, ...more });
    box.value = draft[name] ?? "";
    box.addEventListener("input", () => ((draft[name] = box.value), fields[name].mark(null)));
    return box;
  };
  const fields = {};
  fields.goal = field("Goal", area("goal", 3, { "aria-required": "true", class: "wraps" }), "What shall be reached. It is the reason of every call, and kept in the record.");
  fields.steps = field("Steps (JSON)", area("steps", 8, { class: "mono", spellcheck: "false", placeholder: '[{"tool_name": "git_status", "args": {}}]' }), "A list of calls of tools. Left empty, the steps are planned.");
  const isStarted = field("Start it at once", h("input", { type: "checkbox", checked: draft.starts ?? true }), "It then runs on in the background. Otherwise nothing runs yet.");
  isStarted.control.addEventListener("input", () => (draft.starts = isStarted.control.checked));
  const problem = h("div", { role: "alert" });
  const button = h("button", { class: "primary", type: "submit" }, "Make the task");
  /** The steps, `undefined` where none are given, `null` where they are no JSON. */
  const steps = () => {
    const text = fields.steps.control.value.trim();
    if (text === "") return undefined;
    try {
      const value = JSON.parse(text);
      if (Array.isArray(value)) return value;
    } catch {
      // Said below.
    }
    fields.steps.mark("This must be a JSON list of steps.");
    fields.steps.control.focus();
    return null;
  };
  const make = async () => {
    put(problem);
    const goal = fields.goal.control.value.trim();
    fields.goal.mark(goal === "" ? "This is needed." : null);
    fields.steps.mark(null);
    const given = steps();
    if (goal === "") fields.goal.control.focus();
    if (goal === "" || given === null) return;
    button.disabled = true;
    try {
      const { task_id: id } = await call("POST", "tasks", { goal, ...(given === undefined ? {} : { steps: given }) });
      delete draft.goal;
      delete draft.steps;
      // A task that was made and not started says by itself what it is.
      if (isStarted.control.checked) await call("POST", `tasks/${part(id)}/start`).catch(expected);
      announce("The task is made");
      onMade(id);
    } catch (error) {
      expected(error);
      refuse(error);
    } finally {
      button.disabled = false;
    }
  };
  const refuse = (error) => {
    const wrong = Object.groupBy(error.fields, ({ field: name }) => String(name).split(/[.[]/)[0]);
    for (const name of ["goal", "steps"]) {
      if (wrong[name]) fields[name].mark([foreign(wrong[name].map(({ field: at, reason }) => (at === name ? reason : `${at}: ${reason}`)).join("; ")), "."]);
    }
    put(problem, problemNote(error, error.fields.length > 1 && h("ul", { class: "plain" }, error.fields.map(({ field: at, reason }) => h("li", {}, code(at), " ", said(reason))))));
    (wrong.goal ? fields.goal : wrong.steps ? fields.steps : null)?.control.focus();
  };
  return [
    h("header", { class: "detail-head" }, h("h2", {}, "New task")),
    h(
      "form", { class: "fields", novalidate: true, onsubmit: (event) => (event.preventDefault(), make()) },
      fields.goal.element, fields.steps.element, isStarted.element, problem,
      h("div", { class: "row" }, button, h("button", { onclick: close }, "Cancel")),
      faint("Each step is judged when its turn comes, as a call of yours. A step that needs an approval waits in the inbox. Tools are named under ", h("a", { href: "#/" }, "Layer"), ".")),
  ];
}
