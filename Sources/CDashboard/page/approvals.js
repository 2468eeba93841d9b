// What waits for a person: exactly what would run, and the decision.

import { call, expected, get, may, part, session } from "./api.js";
import { announce, dim, faint, foreign, h, named, put, uniqueID } from "./dom.js";
import { ask, empty, loading, notice, problemNote, said, section } from "./dialog.js";
import { field } from "./form.js";
import { count, risk, time, until } from "./format.js";
import { grantEditor, grantWords } from "./grant.js";
import { icon } from "./icons.js";
import { ListBox } from "./listbox.js";
import { keepResult } from "./outputs.js";
import { soon } from "./soon.js";
import { approvals, config, decided, grants, olderApprovals, queue } from "./store.js";
import { answerPart } from "./try.js";
import { brief, facts, list } from "./values.js";
import { rem } from "./windowed.js";

const TYPES = { run: "a run that waits", policy_change: "change of policy", task_step: "a step of a task", indeterminate: "nobody knows how it ended", incident: "its caller is paused" };
const STATES = { approved: ["approved", "ok"], denied: ["denied", "warn"], expired: ["expired", "quiet"], withdrawn: ["withdrawn", "quiet"] };
/** What a person may say of a run of which nobody knows how it ended. */
const RESOLUTIONS = {
  happened: { label: "It happened", help: "It did what it should. Nothing runs again.", past: "said to have happened", tone: "ok" },
  retry: { label: "Run it again", help: "It did nothing that matters, so exactly this call runs once more.", past: "run again", tone: "ok" },
  abandon: { label: "Give it up", help: "It is left as it is. A task it belongs to fails.", past: "given up", tone: "warn" },
};
/** Milliseconds in which a press was meant for what stood here before. */
const FRESH = 300;

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

const keyOf = (item) => JSON.stringify([item.request_type, item.tool_name, item.args, item.agent_id, item.principal, item.dry_run]);

function inbox({ signal, path, go }) {
  let items = [];
  let openID = path[1] ?? null;
  let leave = new AbortController();
  const detail = h("section", { class: "detail", "aria-label": "One request", tabindex: -1 });
  const state = h("div", { class: "list-state" });
  const list = new ListBox({
    label: "Requests that wait, newest first", onEnd: olderApprovals, height: () => rem(3.5), key: (index) => items[index]?.approval_request_id,
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
      page.classList.toggle("has-detail", Boolean(id));
      history.replaceState(null, "", id ? `#/approvals/${part(id)}` : "#/approvals");
      const close = () => (open(null), list.element.focus());
      const item = items.find((one) => one.approval_request_id === id);
      const end = AbortSignal.any([signal, leave.signal]);
      if (item) put(detail, itemPart(item, end, close, () => list.element.focus()));
      else if (id) showOther(detail, id, end, close);
      else put(detail, empty("No request chosen", "Choose one in the list. The arrow keys move, A goes to approve, D to deny."));
      list.refresh();
    }
    if (isFocused) detail.focus();
  };
  // It may stand further down than the list was read.
  const check = async (id) => {
    try {
      if (queue.next === null || (await get(`approvals/${part(id)}`, { signal })).approval.status !== "pending") id === openID && gone(detail);
    } catch (error) {
      expected(error);
    }
  };
  approvals.watch(signal, ({ value, error, isAbsent }) => {
    items = value ?? [];
    list.setCount(items.length);
    list.element.hidden = items.length === 0;
    put(state, items.length > 0 ? (queue.next !== null && faint(`${count(queue.total, "request")} wait. Scroll on for older ones.`)) : isAbsent ? empty("Your token sees no requests") : error ? problemNote(error) : value ? empty("Nothing waits for you", "A call that needs a person appears here at once.") : loading("requests"));
    const isThere = items.some((one) => one.approval_request_id === openID);
    if (openID && !isThere && value && !detail.querySelector("[data-decided]")) check(openID);
    const first = matchMedia("(width >= 62rem)").matches ? items[0]?.approval_request_id : null;
    if (value && (!detail.hasChildNodes() || (openID === null && first))) open(openID ?? first ?? null);
  });
  page.addEventListener("keydown", (event) => shortcut(event, detail));
  return page;
}

/** One that is not in the list: decided, or far down. */
async function showOther(detail, id, signal, close) {
  put(detail, loading("the request"));
  try {
    const { approval } = await get(`approvals/${part(id)}`, { signal });
    put(detail, itemPart(approval, signal, close, () => {}));
  } catch (error) {
    if (signal.aborted) return;
    expected(error);
    put(detail, backButton(close), problemNote(error));
  }
}

const backButton = (close) => h("button", { class: "quiet back", onclick: close }, icon("back"), "All requests");

/** It stays readable, its buttons go. */
function gone(detail) {
  const actions = detail.querySelector(".decision");
  if (!actions) return;
  put(actions, actions.querySelector("[role=alert]"), notice("warn", "This request no longer waits: it was decided elsewhere, was withdrawn, or has expired."));
}

function row(item) {
  if (!item) return [];
  return [
    h("span", { class: "option-main" }, named(nameOf(item)), item.risk && risk(item)),
    h("span", { class: "option-more faint" }, time(item.created_at), h("span", { class: "grow clip" }, caller(item), item.reason && [" · ", brief(item.reason, 160)])),
  ];
}

const nameOf = (item) => (item.request_type === "policy_change" ? "policy" : item.tool_name);
const caller = (item) => [foreign(item.principal ?? "somebody"), item.agent_id && [" as ", foreign(item.agent_id)]];

/** A and D only bring one to the buttons, which decide. */
function shortcut(event, detail) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  const name = { a: "approve", d: "deny" }[event.key.toLowerCase()];
  const button = name && detail.querySelector(`[data-action="${name}"]`);
  if (!button) return;
  event.preventDefault();
  button.focus();
  announce(`${button.textContent}. Press Enter to do it.`);
}

function itemPart(item, signal, close, onDecided) {
  const plan = item.plan && typeof item.plan === "object" ? item.plan : null;
  const isPolicy = item.request_type === "policy_change";
  const isUnknown = item.request_type === "indeterminate";
  const isIncident = item.request_type === "incident";
  const hasEffect = !isUnknown && Array.isArray(plan?.effects?.files);
  const place = h("div", { class: "decision", "data-fresh": "" });
  setTimeout(() => place.removeAttribute("data-fresh"), FRESH);
  let isOwn = null;
  if (item.status !== "pending") put(place, decisionMade(item));
  else config.watch(signal, ({ value }) => {
    const mayNot = item.principal === session.who.principal && value?.config.approval_self === false;
    if (mayNot === isOwn || place.querySelector("[data-decided]")) return;
    isOwn = mayNot;
    put(place, isOwn ? faint("You asked for this yourself, and here nobody decides about calls of their own.") : isUnknown ? resolution(item, place, onDecided) : decision(item, place, signal, onDecided));
  });
  const args = item.args && Object.keys(item.args).length > 0 ? facts(item.args, { kind: "text" }) : faint("none");
  return [
    backButton(close),
    h("header", { class: "detail-head" }, h("h2", {}, named(nameOf(item))), item.risk && risk(item), TYPES[item.request_type] && h("span", { class: "chip calm" }, TYPES[item.request_type])),
    list([
      ["Asked by", h("span", {}, caller(item))], ["Reason given", item.reason ? foreign(item.reason) : dim("none")],
      ["Risk, they say", typeof item.risk_score_estimate === "number" && String(item.risk_score_estimate)],
      ["Asked", time(item.created_at)], ["Expires", item.status === "pending" && (item.expires_at ? [until(item.expires_at), ", and is then denied"] : "never: it waits as long as it takes")],
      ["Belongs to", item.task_id && h("a", { href: `#/tasks/${part(item.task_id)}` }, item.step ? `step ${item.step} of a task` : "a task")],
      ["Can be undone", !isPolicy && !isIncident && (item.undoable ? "yes" : "no")],
    ]),
    isUnknown && section("What is known", knownPart(plan)),
    plan?.budget && notice("warn", h("strong", {}, "It would cross a budget: "), said(plan.budget.summary ?? "")),
    // What it does comes before how it is called.
    hasEffect && soon(() => import("./effect.js"), ({ itemEffect }) => itemEffect(item, signal)),
    isIncident && h("a", { href: `#/runs/${part(item.args?.audit_id ?? "")}` }, "The call, in the record"),
    !isPolicy && section(isIncident ? "Where" : "Arguments, exactly", args),
    plan && !isUnknown && !hasEffect && section(isIncident ? "What happened" : "What would happen", plan.fails && notice("warn", said(plan.summary ?? "")), facts(plan, { skip: ["fails", "budget", ...(plan.fails ? ["summary"] : [])] })),
    isPolicy && section("The whole file", args),
    place,
  ];
}

/** How far a run is known of which nobody knows how it ended. */
const knownPart = (plan) => [
  plan?.summary && h("p", {}, said(plan.summary)),
  h("p", {}, "It may have done all of what it was to do, a part, or nothing. Look at what it was to change, and say what became of it."),
  plan?.audit_id && h("a", { href: `#/runs/${part(plan.audit_id)}` }, "Its entry in the record"),
];

/** Three answers and no approval: the call was approved before. */
function resolution(item, place, onDecided) {
  if (!may("decide_about_approvals")) return faint("Your token does not decide. One of the role approver does.");
  const note = field("Note (kept in the record)", h("input", { type: "text", maxlength: 1000 }));
  const problem = h("div", { role: "alert" });
  const answer = async (event, word) => {
    if (event.detail > 0 && "fresh" in place.dataset) return;
    for (const button of place.querySelectorAll("button")) button.disabled = true;
    const text = note.control.value.trim();
    try {
      const { execution_result: result, run_status: runStatus } = await call("POST", `approvals/${part(item.approval_request_id)}`, { resolution: word, ...(text ? { note: text } : {}) }, { seconds: 3700 });
      if (result?.audit_id) keepResult(result.audit_id, result.result);
      const words = { happened: "Kept: it happened.", retry: runStatus === "queued" ? "It runs again as soon as it can." : "It was run again.", abandon: "Given up. It does not run again." }[word];
      put(place, h("div", { class: "stack", "data-decided": "" }, h("p", { class: `note ${RESOLUTIONS[word].tone}`, role: "status" }, icon("check"), words), word === "retry" && result && answerPart(result)));
      announce(words);
      approvals.set((approvals.value ?? []).filter((one) => one.approval_request_id !== item.approval_request_id));
      onDecided();
      await Promise.all([approvals.refresh(), decided.refresh()]);
    } catch (error) {
      expected(error);
      for (const button of place.querySelectorAll("button")) button.disabled = false;
      put(problem, problemNote(error));
      approvals.refresh();
    }
  };
  return [
    note.element, problem,
    h("ul", { class: "plain choices" }, Object.entries(RESOLUTIONS).map(([word, { label, help }]) => {
      const id = uniqueID("choice");
      return h("li", { class: "row" }, h("button", { "aria-describedby": id, onclick: (event) => answer(event, word) }, label), h("span", { class: "help", id }, help));
    })),
  ];
}

/** How it ended, for one that no longer waits. */
function decisionMade(item) {
  const known = RESOLUTIONS[item.resolution];
  const [word, tone] = known ? [known.past, known.tone] : (STATES[item.status] ?? [item.status, "quiet"]);
  const result = item.execution_result;
  return h(
    "div", { class: "stack", "data-decided": "" },
    h(
      "p", { class: `note ${tone}` }, h("span", {}, `It was ${word}`, item.decided_by && [" by ", foreign(item.decided_by)], item.decided_at && [", ", time(item.decided_at)], ".", item.note && [" ", said(item.note)])),
    result && answerPart(result));
}

function decision(item, place, signal, onDecided) {
  if (!may("decide_about_approvals")) return faint("Your token does not decide. One of the role approver does.");
  const isPolicy = item.request_type === "policy_change";
  const isIncident = item.request_type === "incident";
  const mayApprove = !isPolicy || may("change_the_configuration");
  const note = field("Note (kept in the record)", h("input", { type: "text", maxlength: 1000 }));
  const problem = h("div", { role: "alert" });
  const howMany = h("span", {});
  const all = field(howMany, h("input", { type: "checkbox" }), "Same tool, same arguments, same caller.");
  let equal = [item];
  approvals.watch(signal, ({ value }) => {
    if (all.control.checked) return;
    equal = isPolicy ? [item] : (value ?? []).filter((one) => keyOf(one) === keyOf(item));
    all.element.hidden = equal.length < 2;
    put(howMany, `Decide all ${equal.length} equal requests at once`);
  });
  const more = h("div", {});
  let editor = null;
  const decide = async (event, body) => {
    // A click that was meant for what stood here a moment ago decides nothing.
    if (event.detail > 0 && "fresh" in place.dataset) return;
    for (const button of place.querySelectorAll("button")) button.disabled = true;
    const chosen = all.control.checked && equal.length > 1 ? equal : [item];
    const text = note.control.value.trim();
    const answers = [];
    try {
      for (const one of chosen) {
        answers.push(await call("POST", `approvals/${part(one.approval_request_id)}`, { ...body, ...(text ? { note: text } : {}) }, { seconds: 3700 }));
      }
    } catch (error) {
      expected(error);
      for (const button of place.querySelectorAll("button")) button.disabled = false;
      put(problem, problemNote(error, answers.length > 0 && h("p", {}, `${answers.length} of ${chosen.length} were decided before.`)));
      approvals.refresh();
      return;
    }
    const { execution_result: result, run_status: runStatus } = answers.at(-1);
    if (result?.audit_id) keepResult(result.audit_id, result.result);
    const many = chosen.length > 1 ? `${chosen.length} requests: ` : "";
    const words = many + (isIncident ? (body.approved ? "It goes on." : "Its token is revoked.") : !body.approved ? "Denied. It did not run, and the caller is told." : runStatus === "queued" ? "Approved. It runs as soon as it can." : isPolicy ? "Approved. The policy is in force." : "Approved.");
    put(place, h("div", { class: "stack", "data-decided": "" }, h("p", { class: `note ${body.approved ? "ok" : "warn"}`, role: "status" }, icon("check"), words), result && !((isPolicy || isIncident) && result.success) && answerPart(result)));
    announce(words);
    const gone = new Set(chosen.map((one) => one.approval_request_id));
    approvals.set((approvals.value ?? []).filter((one) => !gone.has(one.approval_request_id)));
    // The arrow keys go on from here.
    onDecided();
    await Promise.all([approvals.refresh(), decided.refresh(), grants.refresh()]);
  };
  const approve = (event) => {
    const grant = editor?.value();
    if (editor && !grant) return;
    decide(event, grant ? { approved: true, grant } : { approved: true });
  };
  const open = h("button", { class: "quiet", "aria-expanded": "false" }, "Approve with a standing grant…");
  open.addEventListener("click", () => {
    editor = editor ? null : grantEditor(item, signal);
    open.setAttribute("aria-expanded", String(Boolean(editor)));
    put(open, editor ? "Approve this one only" : "Approve with a standing grant…");
    put(more, editor?.element);
    editor?.element.scrollIntoView({ block: "nearest" });
    put(yes, icon("check"), editor ? "Approve and grant" : "Approve and run");
  });
  const yes = h("button", { class: "primary", "data-action": "approve", onclick: approve }, icon("check"), isIncident ? "Let it go on" : isPolicy ? "Approve and put in force" : "Approve and run");
  const no = h("button", { "data-action": "deny", onclick: (event) => decide(event, { approved: false }) }, icon("cross"), isIncident ? "Revoke its token" : "Deny");
  return [
    note.element, all.element, !isPolicy && !isIncident && !item.plan?.budget && item.tool_name !== "effect_undo" && open, more, problem,
    h("div", { class: "row" }, mayApprove && yes, no, dim(!mayApprove ? "Only an operator approves a change of the policy." : isIncident ? "Until then all its calls are refused." : isPolicy ? "Exactly this file, from now on." : item.dry_run ? "A dry run: nothing changes." : "Runs exactly what is shown, once.")),
  ];
}

function decidedPart(signal) {
  const place = h("section", { class: "card", "aria-label": "Decided requests" });
  const row = ({ ts, after, principal }) => {
    const [word, tone] = STATES[after.status] ?? [String(after.status), "quiet"];
    return h(
      "li", {},
      h(
        "div", { class: "row" }, h("a", { href: `#/approvals/${part(after.approval_request_id)}` }, named(nameOf(after))),
        h("span", { class: `chip ${tone}` }, word), time(ts)),
      faint("Asked by ", caller(after), after.status !== "expired" && [", decided by ", foreign(after.decided_by ?? principal)], after.reason && [". Reason given: ", said(after.reason)], after.note && [" Note: ", said(after.note)]));
  };
  decided.watch(signal, ({ value, error, isAbsent }) => {
    if (!value) return put(place, isAbsent ? empty("Your token sees no decisions") : error ? problemNote(error) : loading("decisions"));
    put(place, value.length === 0 ? empty("Nothing was decided yet") : [h("ul", { class: "plain wide" }, value.map(row)), h("a", { href: "#/runs?tool_name=change%3Aapproval" }, "All of them, in the record")]);
  });
  return place;
}

function grantsPart(signal) {
  const place = h("section", { class: "card", "aria-label": "Standing grants" });
  const revoke = (grant) => ask({
    title: "Revoke this grant?", action: "Revoke", body: h("p", {}, "Calls that it let pass ask a person again, from now on."),
    perform: async () => {
      await call("DELETE", `grants/${part(grant.grant_id)}`);
      await grants.refresh();
    },
  });
  grants.watch(signal, ({ value, error, isAbsent }) => {
    if (!value) return put(place, isAbsent ? empty("Your token sees no grants") : error ? problemNote(error) : loading("grants"));
    put(place, value.length === 0 ? empty("No grant stands", "Approving a request can make one. It always ends, by uses or by time.") : h("ul", { class: "plain wide" }, value.map((grant) => h(
      "li", { class: "row spread" },
      h(
        "div", {}, h("div", { class: "row" }, named(grant.tool_name), grant.principal ? ["for ", foreign(grant.principal)] : "for every token", grant.agent_id && [" as ", foreign(grant.agent_id)]),
        h("ul", { class: "plain" }, grantWords(grant)),
        faint([typeof grant.uses_left === "number" && `${count(grant.uses_left, "use")} left. `, grant.expires_at && `Ends ${until(grant.expires_at)}. `, grant.created_by && ["Made by ", foreign(grant.created_by), ". "], grant.approval_request_id && h("a", { href: `#/approvals/${part(grant.approval_request_id)}` }, "The request")])),
      may("decide_about_approvals") && h("button", { onclick: () => revoke(grant) }, "Revoke")))));
  });
  return place;
}

function notifyButton() {
  if (!("Notification" in globalThis) || Notification.permission !== "default") return null;
  const button = h("button", { class: "quiet", onclick: async () => ((await Notification.requestPermission()) !== "default" && button.remove()) }, "Notify me");
  return button;
}
