// What waits for a person: exactly what would run, and the decision.

import { Refusal, call, may } from "./api.js";
import { announce, code, foreign, h, put } from "./dom.js";
import { ask, empty, loading, problemNote, sentence } from "./dialog.js";
import { field } from "./form.js";
import { count, risk, time, until } from "./format.js";
import { grantEditor, grantWords } from "./grant.js";
import { icon } from "./icons.js";
import { ListBox } from "./listbox.js";
import { keepResult } from "./outputs.js";
import { approvals, decided, grants } from "./store.js";
import { answerPart } from "./try.js";
import { brief, facts } from "./values.js";
import { rem } from "./windowed.js";

const TYPES = { task_step: "step of a task", run: "a run that waits", policy_proposal: "change of policy", policy: "change of policy", indeterminate: "outcome unknown" };

export const hasInbox = () => !approvals.isAbsent && approvals.value !== null;

export function approvalsPage(context) {
  const part = context.path[1];
  if (part === "decided") return framed(context, "decided", decidedPart(context.signal));
  if (part === "grants") return framed(context, "grants", grantsPart(context.signal));
  return inbox(context);
}

function framed({ go }, current, content, ...more) {
  const tab = (name, label) => h("a", { href: `#/approvals${name ? `/${name}` : ""}`, "aria-current": current === name ? "page" : null }, label);
  return h(
    "div", { class: "page split" },
    h(
      "header", { class: "page-head" }, h("h1", {}, "Approvals"),
      h("nav", { class: "tabs", "aria-label": "Approvals" }, tab("", "Waiting"), tab("decided", "Decided"), tab("grants", "Grants")), more),
    content);
}

const keyOf = (item) => JSON.stringify([item.request_type, item.tool_name, item.args, item.agent_id, item.principal]);

function inbox({ signal, path, go }) {
  let items = [];
  let openID = path[1] ?? null;
  let leave = new AbortController();
  const detail = h("section", { class: "detail", "aria-label": "One request", tabindex: -1 });
  const state = h("div", { class: "list-state" });
  const list = new ListBox({
    label: "Requests that wait, oldest first", height: () => rem(3.5), key: (index) => items[index]?.approval_request_id,
    isOpened: (index) => items[index]?.approval_request_id === openID, content: (index) => row(items[index]),
    onOpen: (index) => open(items[index].approval_request_id, true),
    onMove: (index) => matchMedia("(width >= 62rem)").matches && open(items[index].approval_request_id, false),
  });
  const page = framed(
    { go }, "", h("div", { class: "panes" }, h("section", { class: "list-pane", "aria-label": "Requests" }, list.element, state), detail), notifyButton());
  const open = (id, isFocused) => {
    if (id !== openID || !detail.hasChildNodes()) {
      leave.abort();
      leave = new AbortController();
      openID = id;
      const item = items.find((one) => one.approval_request_id === id);
      page.classList.toggle("has-detail", Boolean(item));
      history.replaceState(null, "", item ? `#/approvals/${encodeURIComponent(id)}` : "#/approvals");
      put(detail, item
        ? itemPart(item, items, AbortSignal.any([signal, leave.signal]), () => (open(null), list.element.focus()))
        : id ? empty("This request no longer waits", "It was decided, or it expired. See Decided.") : empty("No request chosen", "Choose one in the list. The arrow keys move, A approves, D denies."));
      list.refresh();
    }
    if (isFocused) detail.focus();
  };
  approvals.watch(signal, ({ value, error, isAbsent }) => {
    items = [...(value ?? [])].sort((one, other) => one.created_at - other.created_at);
    list.setCount(items.length);
    list.element.hidden = items.length === 0;
    put(state, items.length > 0 ? null : isAbsent ? empty("This daemon has no inbox") : error ? problemNote(error) : value ? empty("Nothing waits for you", "A call that needs a person appears here at once.") : loading("requests"));
    const isThere = items.some((one) => one.approval_request_id === openID);
    if (openID && !isThere && value && !detail.querySelector("[data-decided]")) gone(detail);
    if (!detail.hasChildNodes()) open(openID ?? (matchMedia("(width >= 62rem)").matches ? items[0]?.approval_request_id : null) ?? null);
  });
  page.addEventListener("keydown", (event) => shortcut(event, detail));
  return page;
}

/** Somebody else decided while it was on the screen: it stays readable, its buttons go. */
function gone(detail) {
  const actions = detail.querySelector(".decision");
  if (!actions) return;
  put(actions, h("p", { class: "note warn", role: "status" }, icon("warn"), "This request no longer waits: it was decided elsewhere, or it expired."));
}

function row(item) {
  if (!item) return [];
  return [
    h("span", { class: "option-main" }, h("code", { class: "name" }, foreign(item.tool_name ?? "policy")), item.risk && risk(item)),
    h("span", { class: "option-more faint" }, time(item.created_at), h("span", { class: "grow clip" }, caller(item), item.reason && [" · ", brief(item.reason, 160)])),
  ];
}

const caller = (item) => [foreign(item.principal ?? "somebody"), item.agent_id && [" as ", foreign(item.agent_id)]];

/** A and D only bring one to the buttons: what decides is the second press, on the button itself. */
function shortcut(event, detail) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  const name = { a: "approve", d: "deny" }[event.key.toLowerCase()];
  const button = name && detail.querySelector(`[data-action="${name}"]`);
  if (!button) return;
  event.preventDefault();
  button.focus();
  announce(`${button.textContent}. Press Enter to do it, or Escape.`);
}

function itemPart(item, items, signal, close) {
  const plan = item.plan && typeof item.plan === "object" ? item.plan : null;
  const equal = items.filter((one) => keyOf(one) === keyOf(item));
  const place = h("div", { class: "decision" });
  put(place, may("decide_about_approvals") ? decision(item, equal, place, signal) : h("p", { class: "faint" }, "Your token does not decide. A token of the role approver does."));
  return [
    h("button", { class: "quiet back", type: "button", onclick: close }, icon("back"), "All requests"),
    h("header", { class: "detail-head" }, h("h2", {}, h("code", { class: "name" }, foreign(item.tool_name ?? "policy"))), item.risk && risk(item), TYPES[item.request_type] && h("span", { class: "chip calm" }, TYPES[item.request_type])),
    h(
      "dl", { class: "facts" },
      [
        ["Asked by", h("span", {}, caller(item))], ["Reason given", item.reason ? foreign(item.reason) : h("span", { class: "faint" }, "none")],
        ["Asked", time(item.created_at)], ["Expires", item.expires_at && [until(item.expires_at), ", and is then denied"]],
        ["Can be undone", item.undoable === null || item.undoable === undefined ? null : item.undoable ? "yes" : "no"],
        ["Task", item.task_id && code(item.task_id)],
      ].filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    section("Arguments", item.args && Object.keys(item.args).length > 0 ? facts(item.args, { kind: "text" }) : h("p", { class: "faint" }, "none")),
    plan && section("What would happen", facts(plan)),
    place,
  ];
}

const section = (title, ...content) => h("section", { class: "part" }, h("h3", {}, title), content);

function decision(item, equal, place, signal) {
  const note = field("Note (kept in the record)", h("input", { type: "text", autocomplete: "off", maxlength: 1000 }));
  const problem = h("div", { role: "alert" });
  const all = equal.length > 1 && field(`Decide all ${equal.length} equal requests at once`, h("input", { type: "checkbox" }), "Same tool, same arguments, same caller.");
  const more = h("div", {});
  let editor = null;
  const born = performance.now();
  const decide = async (body) => {
    // A click that was meant for what stood here a moment ago decides nothing.
    if (performance.now() - born < 400) return;
    for (const button of place.querySelectorAll("button")) button.disabled = true;
    const chosen = all && all.control.checked ? equal : [item];
    const text = note.control.value.trim();
    const answers = [];
    try {
      for (const one of chosen) {
        answers.push(await call("POST", `approvals/${encodeURIComponent(one.approval_request_id)}`, { ...body, ...(text ? { note: text } : {}) }, { seconds: 3700 }));
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      for (const button of place.querySelectorAll("button")) button.disabled = false;
      put(problem, problemNote(error, answers.length > 0 && h("p", {}, `${answers.length} of ${chosen.length} were decided before.`)));
      approvals.refresh();
      return;
    }
    const result = answers.at(-1)?.execution_result;
    if (result?.audit_id) keepResult(result.audit_id, result.result);
    const words = body.approved === false ? "Denied. It did not run, and the caller is told." : body.approved ? (chosen.length > 1 ? `${chosen.length} requests were approved.` : "Approved.") : "Noted.";
    put(place, h("div", { "data-decided": "" }, h("p", { class: `note ${body.approved === false ? "warn" : "ok"}`, role: "status" }, icon("check"), words), result && answerPart(result)));
    announce(words);
    await Promise.all([approvals.refresh(), decided.refresh(), grants.refresh()]);
  };
  if (item.request_type === "indeterminate") {
    const button = (resolution, label) => h("button", { type: "button", onclick: () => decide({ resolution }) }, label);
    return [h("p", {}, "The daemon stopped while this ran, so nobody knows whether it happened. Look, then say."), note.element, problem, h("div", { class: "row" }, button("happened", "It happened"), button("retry", "Run it again"), button("abandon", "Give it up"))];
  }
  const approve = () => {
    const grant = editor?.value();
    if (editor && !grant) return;
    decide(grant ? { approved: true, grant } : { approved: true });
  };
  const open = h("button", { class: "quiet", type: "button", "aria-expanded": "false" }, "Approve with a standing grant…");
  open.addEventListener("click", () => {
    editor = editor ? null : grantEditor(item, signal);
    open.setAttribute("aria-expanded", String(Boolean(editor)));
    put(open, editor ? "Approve this one only" : "Approve with a standing grant…");
    put(more, editor?.element);
    put(yes, icon("check"), editor ? "Approve and grant" : "Approve and run");
  });
  const yes = h("button", { class: "primary", type: "button", "data-action": "approve", onclick: approve }, icon("check"), "Approve and run");
  const no = h("button", { type: "button", "data-action": "deny", onclick: () => decide({ approved: false }) }, icon("cross"), "Deny");
  const canGrant = item.tool_name && !/^policy/.test(item.request_type ?? "");
  return [note.element, all && all.element, canGrant && !grants.isAbsent && open, more, problem, h("div", { class: "row" }, yes, no, h("span", { class: "faint" }, "Runs exactly what is shown, once."))];
}

function decidedPart(signal) {
  const place = h("section", { class: "card", "aria-label": "Decided requests" });
  decided.watch(signal, ({ value, error, isAbsent }) => {
    if (!value) return put(place, isAbsent ? empty("This daemon keeps no requests") : error ? problemNote(error) : loading("requests"));
    put(place, value.length === 0 ? empty("Nothing was decided yet") : h("ul", { class: "plain wide" }, value.map((item) => h(
      "li", {},
      h("div", { class: "row" }, h("code", { class: "name" }, foreign(item.tool_name ?? "policy")), h("span", { class: `chip ${item.status === "approved" || item.status === "executed" ? "ok" : "warn"}` }, foreign(String(item.status).replaceAll("_", " "))), item.decided_at && time(item.decided_at)),
      h("p", { class: "faint" }, "Asked by ", caller(item), item.decided_by && [", decided by ", foreign(item.decided_by)], item.note && [": ", foreign(item.note)]),
      item.execution_result?.audit_id && h("a", { href: `#/runs/${encodeURIComponent(item.execution_result.audit_id)}` }, "What it did")))));
  });
  return place;
}

function grantsPart(signal) {
  const place = h("section", { class: "card", "aria-label": "Standing grants" });
  const revoke = (grant) => ask({
    title: "Revoke this grant?", action: "Revoke", body: h("p", {}, "Calls that it let pass ask a person again, from now on."),
    perform: async () => {
      await call("DELETE", `grants/${encodeURIComponent(grant.grant_id)}`);
      await grants.refresh();
    },
  });
  grants.watch(signal, ({ value, error, isAbsent }) => {
    if (!value) return put(place, isAbsent ? empty("This daemon has no grants") : error ? problemNote(error) : loading("grants"));
    put(place, value.length === 0 ? empty("No grant stands", "Approving a request can make one. It always ends, by uses or by time.") : h("ul", { class: "plain wide" }, value.map((grant) => h(
      "li", { class: "row spread" },
      h(
        "div", {}, h("div", { class: "row" }, h("code", { class: "name" }, foreign(grant.tool_name)), grant.agent_id ? ["for ", foreign(grant.agent_id)] : "for every agent"),
        h("ul", { class: "plain" }, grantWords(grant)),
        h("p", { class: "faint" }, [typeof grant.uses_left === "number" && `${count(grant.uses_left, "use")} left. `, grant.expires_at && `Ends ${until(grant.expires_at)}. `, grant.created_by && ["Made by ", foreign(sentence(grant.created_by))]])),
      may("decide_about_approvals") && h("button", { type: "button", onclick: () => revoke(grant) }, "Revoke")))));
  });
  return place;
}

function notifyButton() {
  if (!("Notification" in globalThis) || Notification.permission !== "default") return null;
  const button = h("button", { class: "quiet", type: "button", onclick: async () => ((await Notification.requestPermission()) !== "default" && button.remove()) }, "Notify me");
  return button;
}
