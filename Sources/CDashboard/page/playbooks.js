// Steps worth doing again, under a name: what they are, a form for their variables, a plan, a run.

import { call, expected, get, may, part } from "./api.js";
import { announce, code, dim, faint, foreign, h, named, put } from "./dom.js";
import { ask, empty, loading, notice, problemNote, said, section } from "./dialog.js";
import { save } from "./download.js";
import { SchemaForm, field } from "./form.js";
import { count, duration, time } from "./format.js";
import { icon } from "./icons.js";
import { ListBox } from "./listbox.js";
import { on } from "./live.js";
import { Store } from "./store.js";
import { answerPart, draftOf } from "./try.js";
import { facts, list } from "./values.js";
import { rem } from "./windowed.js";

const ORDERS = [["best", "Best first"], ["used", "Most used first"], ["newest", "Newest first"], ["name", "By name"]];
const ENDED = new Set(["completed", "failed", "cancelled"]);

export function playbooksPage({ signal, path, query, go }) {
  let openID = path[1] ?? null;
  let order = query.get("order") ?? "best";
  let playbooks = [];
  let leave = new AbortController();
  const known = new Store(async (read) => (await read(`playbooks?order=${part(order)}`)).playbooks);
  signal.addEventListener("abort", () => known.reset());
  const wanted = () => new URLSearchParams(order === "best" ? {} : { order });
  const walk = (...more) => go(["playbooks", ...more], wanted(), { keepsList: true });
  const detail = h("section", { class: "detail", "aria-label": "One playbook", tabindex: -1 });
  const place = h("div", { class: "list-state" });
  const box = new ListBox({
    label: "Playbooks", height: () => rem(3.5), key: (index) => playbooks[index]?.id, isOpened: (index) => playbooks[index]?.id === openID,
    content: (index) => row(playbooks[index]), onOpen: (index) => walk(playbooks[index].id),
  });
  known.watch(signal, ({ value, error, isAbsent }) => {
    playbooks = value ?? [];
    box.setCount(playbooks.length);
    box.refresh();
    box.element.hidden = playbooks.length === 0;
    put(place, playbooks.length > 0 ? null : isAbsent ? empty("Your token sees no playbooks") : error ? problemNote(error, h("button", { onclick: () => known.refresh() }, "Try again")) : value ? empty("There is no playbook yet") : loading("playbooks"));
  });
  const choose = h(
    "select", { "aria-label": "Order", onchange: () => go(["playbooks", openID].filter(Boolean), new URLSearchParams({ order: choose.value }), { keepsList: true }) },
    ORDERS.map(([value, text]) => h("option", { value, selected: value === order }, text)));
  const page = h(
    "div", { class: "page split" },
    h("header", { class: "page-head" }, h("h1", {}, "Playbooks"), h("div", { class: "filters" }, choose), may("change_the_configuration") && h("button", { onclick: () => walk("import") }, "Import YAML")),
    h("div", { class: "panes" }, h("section", { class: "list-pane", "aria-label": "List of playbooks" }, box.element, place), detail));
  const open = (id) => {
    openID = id;
    page.classList.toggle("has-detail", Boolean(id));
    leave.abort();
    leave = new AbortController();
    const end = AbortSignal.any([signal, leave.signal]);
    const changed = (next) => (known.refresh(), next ? walk(next) : walk());
    if (id === "import") put(detail, importPart(changed, () => walk()));
    else if (id) showPlaybook(detail, id, end, () => walk(), changed);
    else put(detail, empty("No playbook chosen", "Choose one in the list to see its steps and to run it."));
  };
  on("task", signal, (event) => (event === null || ENDED.has(event.status)) && known.touch());
  // What others made or deleted.
  on("config", signal, () => known.touch());
  open(openID);
  page.goTo = (id, asked) => {
    const next = asked.get("order") ?? "best";
    if (next !== order) {
      order = next;
      choose.value = order;
      known.refresh();
    }
    if (id === openID) return;
    open(id);
    box.refresh();
    if (id === "import") detail.querySelector("textarea")?.focus();
    else if (!id) box.element.focus();
    else if (matchMedia("(width < 62rem)").matches || document.activeElement === document.body) detail.focus();
  };
  return page;
}

function row(playbook) {
  if (!playbook) return [];
  const { runs, success_rate: rate } = playbook.statistics;
  return [
    h("span", { class: "option-main" }, h("strong", { class: "grow clip" }, foreign(playbook.name)), playbook.built_in && h("span", { class: "chip quiet" }, "built in")),
    h("span", { class: "option-more faint" }, h("span", { class: "grow clip" }, foreign(playbook.description || playbook.category)), h("span", { class: "number" }, runs === 0 ? "never ran" : `${Math.round(rate * 100)}% of ${runs}`)),
  ];
}

async function showPlaybook(place, id, signal, close, changed) {
  put(place, loading("the playbook"));
  const back = h("button", { class: "quiet back", onclick: close }, icon("back"), "All playbooks");
  try {
    const { playbook } = await get(`playbooks/${part(id)}`, { signal });
    const statistics = h("div", {});
    const recount = async () => {
      const { playbook: now } = await get(`playbooks/${part(id)}`, { signal });
      put(statistics, statisticsPart(now.statistics));
    };
    put(statistics, statisticsPart(playbook.statistics));
    on("task", signal, (event) => (event === null || ENDED.has(event.status)) && recount().catch((error) => signal.aborted || expected(error)));
    put(place, back, playbookPart(playbook, statistics, signal, changed));
  } catch (error) {
    if (signal.aborted) return;
    expected(error);
    put(place, back, problemNote(error));
  }
}

function statisticsPart({ runs, successes, failures, success_rate: rate, last_run_at: last, average_duration_ms: average }) {
  if (runs === 0) return faint("It has never run.");
  return list([
    ["Runs", `${runs}: ${successes} worked, ${failures} failed (${Math.round(rate * 100)}% worked)`], ["Last run", last !== null && time(last)],
    ["Takes", typeof average === "number" && `${duration(average)} on average`],
  ]);
}

function playbookPart(playbook, statistics, signal, changed) {
  const problem = h("div", { role: "alert" });
  const take = async () => {
    put(problem);
    try {
      const { yaml, name } = await get(`playbooks/${part(playbook.id)}/export`);
      save(new Blob([yaml], { type: "application/yaml" }), `${name.replace(/[^\p{L}\p{N}._-]+/gu, "-")}.yaml`);
      announce("The playbook is saved");
    } catch (error) {
      expected(error);
      put(problem, problemNote(error));
    }
  };
  const remove = () => ask({
    title: "Delete this playbook?", action: "Delete", tone: "danger", body: h("p", {}, foreign(playbook.name), ". Tasks that came from it stay."),
    perform: async () => {
      await call("DELETE", `playbooks/${part(playbook.id)}`);
      announce("The playbook was deleted");
      changed(null);
    },
  });
  return [
    h("header", { class: "detail-head" }, h("h2", { class: "grow" }, foreign(playbook.name)), playbook.built_in && h("span", { class: "chip quiet" }, "built in")),
    playbook.description && h("p", {}, foreign(playbook.description)),
    list([
      ["Category", foreign(playbook.category)], ["Tags", playbook.tags.length > 0 && playbook.tags.map((tag, index) => [index > 0 && ", ", foreign(tag)])],
      ["Made", !playbook.built_in && h("span", {}, time(playbook.created_at), " by ", foreign(playbook.created_by))],
    ]),
    section("How it went so far", statistics),
    section("Steps", h("ol", { class: "timeline" }, playbook.steps.map((step, index) => h(
      "li", {}, h("div", { class: "row" }, h("span", { class: "number faint" }, `${index + 1}.`), named(step.tool_name), step.retry_on_failure && dim(`tried again up to ${count(step.max_retries, "time")}`)),
      step.description && h("p", {}, foreign(step.description)),
      Object.keys(step.args).length > 0 && facts(step.args, { kind: "text" }),
      step.expect && h("div", {}, faint("Expected afterwards"), facts(step.expect, { kind: "text" })))))),
    section("Run it", runPart(playbook, signal)),
    section(
      "Keep it", problem,
      h("div", { class: "row" }, h("button", { onclick: take }, "Export as YAML"), may("change_the_configuration") && !playbook.built_in && h("button", { class: "outline-danger", onclick: remove }, "Delete…"))),
  ];
}

/** Its variables as {@link SchemaForm} takes them. A boolean that may be left out is a choice of three. */
function schemaOf(variables) {
  const isOpen = ({ type, required, default: value }) => type === "boolean" && !required && value === undefined;
  return {
    required: Object.keys(variables).filter((name) => variables[name].required && variables[name].default === undefined),
    properties: Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, {
      ...(isOpen(variable) ? { enum: ["true", "false"] } : { type: variable.type, default: variable.default }), description: variable.description,
    }])),
  };
}

function runPart(playbook, signal) {
  if (!may("run_tools")) return faint("Your token may not run tools.");
  const { variables } = playbook;
  const form = new SchemaForm(schemaOf(variables), draftOf(`\u0000playbook ${playbook.id}`));
  const place = h("div", { class: "answer", role: "region", "aria-label": "Answer", tabindex: -1 });
  const dry = h("button", { class: "primary", type: "submit" }, "Dry run");
  const real = h("button", { onclick: () => perform(false) }, "Run it");
  const values = () => {
    const given = form.values();
    for (const [name, { type }] of Object.entries(variables)) {
      if (given && type === "boolean" && typeof given[name] === "string") given[name] = given[name] === "true";
    }
    return given;
  };
  const perform = async (isDry) => {
    const given = values();
    if (!given) return announce("A field needs your attention");
    dry.disabled = real.disabled = true;
    put(place, h("p", { class: "faint", role: "status" }, isDry ? "Asking what would happen…" : "Running. It goes on when you leave this page, as a task."));
    try {
      const answer = await call("POST", `playbooks/${part(playbook.id)}/run`, { variables: given, dry_run: isDry }, { seconds: 3700, signal });
      put(place, executionPart(answer));
      place.scrollIntoView({ block: "nearest" });
      announce(isDry ? "The plan is there" : answer.success ? "It ran" : "It did not run to its end");
    } catch (error) {
      if (signal.aborted) return;
      expected(error);
      // A run that failed is an answer too.
      if (Array.isArray(error.body?.results)) return put(place, executionPart(error.body));
      put(place, problemNote(error, error.fields.length > 0 && h("ul", { class: "plain" }, error.fields.map(({ field: at, reason }) => h("li", {}, code(at), " ", said(reason))))));
      form.refuse(error.fields);
    } finally {
      dry.disabled = real.disabled = false;
    }
  };
  return [
    h(
      "form", { class: "fields", novalidate: true, onsubmit: (event) => (event.preventDefault(), perform(true)) },
      Object.keys(variables).length > 0 ? form.element : faint("It has no variables."),
      h("div", { class: "row" }, dry, real, dim("A dry run shows the plan of each step and does nothing."))),
    place,
  ];
}

const ENDS = {
  completed: ["ok", "Every step is done."], dry_run: ["ok", "Nothing was done. This is what would happen."], waiting_approval: ["warn", "A step waits for a person. The task goes on by itself then."],
  paused: ["warn", "The task was made and is paused."], cancelled: ["warn", "The task was cancelled."], failed: ["bad", "A step failed."],
};

function executionPart(answer) {
  const isPlan = answer.dry_run === true;
  const [tone, words] = isPlan && !answer.success ? ["warn", "A step would be refused. Nothing was done."] : (ENDS[answer.status] ?? ["warn", String(answer.status)]);
  return [
    notice(tone, words, !answer.success && !isPlan && answer.error && [" ", said(answer.error)], answer.remedy && [" ", said(answer.remedy)]),
    !isPlan && h(
      "p", { class: "row" }, `${answer.steps_executed} of ${count(answer.steps_total, "step")} ran.`,
      answer.execution_id && h("a", { href: `#/tasks/${part(answer.execution_id)}` }, "Its task"),
      answer.approval_request_id && h("a", { href: `#/approvals/${part(answer.approval_request_id)}` }, "The request that waits")),
    h("ol", { class: "timeline" }, answer.results.map((one) => h(
      "li", {}, h("div", { class: "row" }, h("span", { class: "number faint" }, `${one.step_index + 1}.`), named(one.tool_name), one.attempts > 1 && dim(count(one.attempts, "attempt"))),
      answerPart({ ...one, dry_run: isPlan })))),
  ];
}

function importPart(changed, close) {
  const draft = draftOf("\u0000import");
  const text = h("textarea", { class: "mono", rows: 16, spellcheck: "false", "aria-required": "true" });
  text.value = draft.yaml ?? "";
  const yaml = field("YAML", text, "What an export gives. A playbook is what others run: read it first.");
  text.addEventListener("input", () => ((draft.yaml = text.value), yaml.mark(null)));
  const file = field("From a file", h("input", { type: "file", accept: ".yaml,.yml" }));
  file.control.addEventListener("change", async () => {
    const chosen = file.control.files[0];
    if (!chosen) return;
    // More than this the daemon refuses.
    if (chosen.size > 262_144) return file.mark("This is larger than 256 KiB.");
    file.mark(null);
    draft.yaml = text.value = await chosen.text();
  });
  const problem = h("div", { role: "alert" });
  const button = h("button", { class: "primary", type: "submit" }, "Import");
  const send = async () => {
    put(problem);
    if (text.value.trim() === "") return yaml.mark("This is needed."), text.focus();
    button.disabled = true;
    try {
      const { playbook_id: id } = await call("POST", "playbooks", { yaml: text.value });
      delete draft.yaml;
      announce("The playbook is there");
      changed(id);
    } catch (error) {
      expected(error);
      put(problem, problemNote(error, error.fields.length > 0 && h("ul", { class: "plain" }, error.fields.map(({ field: at, reason }) => h("li", {}, code(at), " ", said(reason))))));
      text.setAttribute("aria-invalid", "true");
    } finally {
      button.disabled = false;
    }
  };
  return [
    h("header", { class: "detail-head" }, h("h2", {}, "Import a playbook")),
    h("form", { class: "fields", novalidate: true, onsubmit: (event) => (event.preventDefault(), send()) }, yaml.element, file.element, problem, h("div", { class: "row" }, button, h("button", { onclick: close }, "Cancel"))),
  ];
}
