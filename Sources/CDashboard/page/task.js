// One task: what it has come to, what somebody may do about it, its steps, and what they left.

import { call, expected, get, may, part, session } from "./api.js";
import { announce, code, dim, faint, foreign, h, named, put } from "./dom.js";
import { ask, loading, notice, problemNote, said, section } from "./dialog.js";
import { downloadButton } from "./download.js";
import { count, duration, time, until } from "./format.js";
import { icon } from "./icons.js";
import { on } from "./live.js";
import { facts, list } from "./values.js";

/** Steps that are drawn at once. */
const STEPS = 100;
const STATES = {
  pending: ["Not begun", "quiet"], running: ["Running", "calm"], waiting_approval: ["Waits for a person", "warn"], paused: ["Paused", "warn"],
  completed: ["Completed", "ok"], done: ["Done", "ok"], failed: ["Failed", "bad"], cancelled: ["Cancelled", "quiet"],
};
const ORIGINS = { given: "whoever made it", built_in: "the built-in plan", model: "a model, one by one", outside: "somebody, one by one" };
const FINISHED = new Set(["completed", "failed", "cancelled"]);

/** The state of a task or of a step. */
export function state(word) {
  const [text, tone] = STATES[word] ?? [String(word), "quiet"];
  return h("span", { class: `chip ${tone}` }, text);
}

/** Draws only when what it shows is another. */
class Region {
  #key = null;

  constructor(element) {
    this.element = element;
  }

  show(value, draw) {
    const key = JSON.stringify(value);
    if (key === this.#key) return;
    const hadFocus = this.element.contains(document.activeElement);
    this.#key = key;
    put(this.element, draw(value));
    // Whoever stood on a button that went stays where it was.
    if (hadFocus) this.element.focus();
  }
}

export async function showTask(place, id, signal, close) {
  put(place, loading("the task"));
  const back = h("button", { class: "quiet back", onclick: close }, icon("back"), "All tasks");
  const region = (attributes) => new Region(h("div", { class: "stack", tabindex: -1, ...attributes }));
  const head = region();
  const controls = region({ class: "stack controls", role: "group", "aria-label": "Controls" });
  const files = region();
  const timeline = new Timeline((from) => ((first = from), load()));
  const told = h("div", { role: "status" });
  let first = 1;
  let isShown = false;
  let isBusy = false;
  let isStale = false;
  const load = async () => {
    if (isBusy) return (isStale = true);
    isBusy = true;
    do {
      isStale = false;
      try {
        const { task } = await get(`tasks/${part(id)}${first > 1 ? `?from_step=${first}` : ""}`, { signal });
        if (signal.aborted) return;
        if (!isShown) put(place, back, head.element, controls.element, told, section("Steps", timeline.element), files.element);
        isShown = true;
        show(task);
      } catch (error) {
        if (signal.aborted) return;
        expected(error);
        // What is shown stays; the next event, or the reconnect, asks again.
        if (!isShown) put(place, back, problemNote(error, h("button", { onclick: load }, "Try again")));
      }
    } while (isStale);
    isBusy = false;
  };
  const act = async (path, words) => {
    const hadFocus = controls.element.contains(document.activeElement);
    for (const button of controls.element.querySelectorAll("button")) button.disabled = true;
    put(told);
    try {
      const answer = await call("POST", `tasks/${part(id)}/${path}`, undefined, { seconds: 3700, signal });
      put(told, answerWords(answer, words));
    } catch (error) {
      if (signal.aborted) return;
      expected(error);
      put(told, problemNote(error));
    }
    for (const button of controls.element.querySelectorAll("button")) button.disabled = false;
    await load();
    // Whoever came by keyboard goes on from here, though the button may be gone.
    if (hadFocus && document.activeElement === document.body) (controls.element.hidden ? place : controls.element).focus();
  };
  const show = (task) => {
    const { steps, artifacts, updated_at: updated, ...rest } = task;
    head.show(rest, () => headPart(task));
    controls.show(controlsOf(task), (names) => names.map((name) => control(name, task, act)));
    controls.element.hidden = !controls.element.hasChildNodes();
    timeline.show(task, first);
    files.show(artifacts, () => filesPart(task));
  };
  on("task", signal, (event) => (event === null || event.task_id === id) && load());
  on("approval", signal, () => load());
  await load();
}

function answerWords(answer, words) {
  if (answer.message) return notice("warn", said(answer.message));
  const step = answer.step_result;
  if (!step) return notice("ok", words);
  return notice(step.success ? "ok" : "warn", `Step ${step.step}: `, step.success ? "done." : step.error ? said(step.error) : "it is not done yet.");
}

function headPart(task) {
  return [
    h("header", { class: "detail-head" }, h("h2", { class: "grow" }, foreign(task.goal)), state(task.status)),
    task.note && notice(task.status === "failed" ? "bad" : "warn", said(task.note)),
    (task.required_approvals ?? []).map((one) => h(
      "div", { class: "note warn" }, icon("warn"), h(
        "div", {}, h("p", {}, one.request_type === "indeterminate" ? `Nobody knows how step ${one.step} ended: a person has to say. ` : `Step ${one.step} waits for a person's decision. `, named(one.tool_name)),
        one.approval_request_id && h("a", { href: `#/approvals/${part(one.approval_request_id)}` }, "Look at the request")))),
    list([
      ["Progress", `${task.steps_done} of ${count(task.step_count, "step")} done${task.started && !FINISHED.has(task.status) ? ", runs on by itself" : ""}`],
      ["Made by", h("span", {}, foreign(task.principal), task.agent_id && [" as ", foreign(task.agent_id)])],
      ["Made", time(task.created_at)],
      ["Steps from", task.playbook_id ? h("a", { href: `#/playbooks/${part(task.playbook_id)}` }, "a playbook") : foreign(ORIGINS[task.planner] ?? String(task.planner))],
      ["Limits", `${count(task.max_steps, "step")}, ${count(task.max_retries, "retry", "retries")} of each`],
      ["Task", code(task.task_id)],
    ]),
  ];
}

/** What this caller may do about it now, as names of {@link control}. */
function controlsOf(task) {
  const isOwn = task.principal === session.who.principal || session.who.role === "operator";
  if (!may("run_tools") || !isOwn) return [];
  const step = (task.steps ?? []).find((one) => one.step === task.current_step);
  const isStuck = step && (step.status === "failed" || (step.status === "pending" && step.failure));
  const names = isStuck && task.status !== "cancelled" ? [`retry ${step.step}`] : [];
  if (FINISHED.has(task.status)) return names;
  if (task.status === "paused") names.push("resume");
  if (!task.started) names.push("start");
  if (!task.started && (task.status === "pending" || task.status === "running")) names.push("run");
  if (task.status !== "paused") names.push("pause");
  return [...names, "cancel"];
}

function control(name, task, act) {
  const [kind, number] = name.split(" ");
  const button = (label, words, more) => h("button", { onclick: () => act(kind, words), ...more }, label);
  if (kind === "start") return button("Start", "It runs on in the background.", { class: "primary" });
  if (kind === "run") return button("Run one step", "The step ran.");
  if (kind === "pause") return button("Pause", "It pauses. What runs at this moment runs to its end.");
  if (kind === "resume") return button("Resume", "It goes on where it was.", { class: "primary" });
  if (kind === "retry") return h("button", { onclick: () => act(`steps/${number}/retry`, "The step is tried again, with all its retries.") }, `Try step ${number} again`);
  return h("button", {
    class: "outline-danger", onclick: () => ask({
      title: "Cancel this task?", action: "Cancel the task", tone: "danger",
      body: h("p", {}, "What runs at this moment is ended, and what waits for a person is withdrawn. What was done stays done."),
      perform: async () => {
        await call("POST", `tasks/${part(task.task_id)}/cancel`);
        announce("The task was cancelled");
      },
    }),
  }, "Cancel the task…");
}

class Timeline {
  #shown = new Map();
  #list = h("ol", { class: "timeline" });
  #rest = h("div", { class: "row" });

  /** `onWalk(from)`: steps from `from` on are wanted. */
  constructor(onWalk) {
    this.onWalk = onWalk;
    this.element = h("div", { class: "stack" }, this.#list, this.#rest);
  }

  show(task, first) {
    const steps = (task.steps ?? []).slice(0, STEPS);
    const shown = new Map();
    const items = steps.map((step) => {
      const key = JSON.stringify([step, step.step === task.current_step, FINISHED.has(task.status)]);
      const known = this.#shown.get(step.step);
      const made = known?.key === key ? known : { key, element: stepPart(step, task, known?.element.querySelector("details")?.open) };
      shown.set(step.step, made);
      return made.element;
    });
    const focused = this.#list.contains(document.activeElement) ? document.activeElement.closest("li")?.dataset.step : null;
    // What is the same stays in its place, with what is open in it.
    for (const old of [...this.#list.children]) if (!items.includes(old)) old.remove();
    items.forEach((item, index) => this.#list.children[index] !== item && this.#list.insertBefore(item, this.#list.children[index] ?? null));
    if (focused && !this.#list.contains(document.activeElement)) this.#list.querySelector(`[data-step="${focused}"] summary`)?.focus();
    this.#shown = shown;
    const last = steps.at(-1)?.step ?? 0;
    const walk = (from, label) => h("button", { class: "quiet", onclick: () => this.onWalk(from) }, label);
    const isSeen = task.current_step >= first && task.current_step <= last;
    put(
      this.#rest, task.step_count === 0 && faint("No step yet: they are planned one by one, or appended."),
      first > 1 && walk(Math.max(1, first - STEPS), "Earlier steps"),
      last > 0 && last < task.step_count && walk(last + 1, "Later steps"),
      !isSeen && task.current_step <= task.step_count && walk(task.current_step, `Step ${task.current_step}, where it is`),
      (first > 1 || last < task.step_count) && last > 0 && dim(`${first} to ${last} of ${task.step_count}`));
  }
}

function stepPart(step, task, isOpen) {
  const isCurrent = step.step === task.current_step && !FINISHED.has(task.status);
  const took = typeof step.started_at === "number" && typeof step.ended_at === "number" ? (step.ended_at - step.started_at) * 1000 : null;
  const inside = h("div", { class: "stack" });
  const draw = () => inside.hasChildNodes() || put(
    inside, section("Arguments", step.args && Object.keys(step.args).length > 0 ? facts(step.args, { kind: "text" }) : faint("none")),
    step.expect && section("Expected afterwards", facts(step.expect, { kind: "text" })),
    step.result && typeof step.result === "object" && section("Result", facts(step.result)),
    step.result && typeof step.result !== "object" && section("Result", facts({ result: step.result })));
  if (isOpen) draw();
  const { failure } = step;
  return h(
    "li", { "data-step": step.step, "aria-current": isCurrent ? "step" : null },
    h("div", { class: "row" }, h("span", { class: "number faint" }, `${step.step}.`), named(step.tool_name), state(step.status), step.attempts > 1 && dim(count(step.attempts, "attempt"))),
    step.description && h("p", {}, foreign(step.description)),
    step.result_summary && h("p", { class: "faint" }, foreign(String(step.result_summary).trim())),
    failure && step.status !== "done" && h("p", { class: "failed" }, said(failure.message), " ", code(failure.code), failure.count > 1 && `, ${failure.count} times in the same way`),
    h(
      "p", { class: "faint" },
      typeof step.started_at === "number" && ["Began ", time(step.started_at)], took !== null && [", took ", duration(Math.max(0, took))],
      step.status === "pending" && typeof step.not_before_at === "number" && !FINISHED.has(task.status) && [typeof step.started_at === "number" && ". ", `Next try ${until(step.not_before_at)}, `, time(step.not_before_at), `, ${step.attempts} of ${step.max_retries + 1} attempts used`],
      step.audit_id && [typeof step.started_at === "number" && " · ", h("a", { href: `#/runs/${part(step.audit_id)}`, "aria-label": `The entry of step ${step.step} in the record` }, "Its entry in the record")]),
    h("details", { open: isOpen, ontoggle: draw }, h("summary", {}, "Arguments and result", h("span", { class: "sr" }, ` of step ${step.step}`)), inside));
}

/** What the steps left. The list is asked for, as a task shows only that of the steps on one page. */
function filesPart(task) {
  if ((task.artifacts ?? []).length === 0) return null;
  const place = h("div", {}, loading("the files"));
  get(`tasks/${part(task.task_id)}/artifacts`).then(
    ({ files }) => put(place, files.length === 0 ? faint("none") : h("ul", { class: "plain files" }, files.slice(0, 500).map(({ name, step }) => h(
      "li", { class: "row" }, h("span", { class: "grow" }, code(name)), dim(`step ${step}`), downloadButton(`tasks/${part(task.task_id)}/artifacts/${part(name)}`, name)))),
    files.length > 500 && faint(`${files.length - 500} more are not shown here.`)),
    (error) => {
      expected(error);
      put(place, problemNote(error));
    });
  return section("Files", place);
}
