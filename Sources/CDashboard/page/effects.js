// What previews found: the list of it, and one effect as a diff, with what may be done about it.

import { call, expected, get, may, part, session } from "./api.js";
import { announce, code, dim, faint, h, named, put } from "./dom.js";
import { deed, done } from "./deed.js";
import { effectPart, verdictPart } from "./effect.js";
import { ask, empty, loading, notice, problemNote, said, section } from "./dialog.js";
import { callerOf, count, time, until } from "./format.js";
import { icon } from "./icons.js";
import { ListBox } from "./listbox.js";
import { on } from "./live.js";
import { Paged } from "./paged.js";
import { undoPart } from "./undo.js";
import { facts, list } from "./values.js";
import { rem } from "./windowed.js";

const PAGE = 100;
const STATES = {
  previewed: ["Waits", "warn"], applying: ["Is being applied", "calm"], applied: ["Applied", "ok"], discarded: ["Discarded", "quiet"],
  expired: ["Expired", "quiet"], evicted: ["Gave way to newer ones", "quiet"],
};

export function effectsPage({ signal, path, go }) {
  let openID = path[1] ?? null;
  let leave = new AbortController();
  const state = h("div", { class: "list-state" });
  const one = h("section", { class: "detail effect", "aria-label": "One effect", tabindex: -1 });
  const walk = (...more) => go(["effects", ...more], undefined, { keepsList: true });
  const effects = new Paged({
    signal, idOf: (effect) => effect.effect_id, onChange: () => show(), read: async (before) => {
      const page = await get(`effects?limit=${PAGE}${before === null ? "" : `&before=${before}`}`, { signal });
      return { items: page.effects, next: page.next };
    },
  });
  const listBox = new ListBox({
    label: "Effects, newest first", height: () => rem(3.5), key: (index) => effects.items[index]?.effect_id, content: (index) => row(effects.items[index]),
    onEnd: () => effects.more(), onOpen: (index) => walk(effects.items[index].effect_id),
  });
  const all = h("section", { class: "list-pane", "aria-label": "List of effects" }, listBox.element, state);
  const show = () => {
    listBox.setCount(effects.items.length);
    listBox.refresh();
    listBox.element.hidden = effects.items.length === 0;
    put(
      state, effects.error ? problemNote(effects.error, h("button", { onclick: () => effects.renew() }, "Try again"))
        : effects.items.length > 0 ? null : !effects.isRead ? loading("effects")
          : empty("There is no effect yet", "“Preview” under “Run a tool” shows what a call does, before it touches the workspace. Effects of agents appear here as well."));
  };
  const open = (id) => {
    openID = id;
    leave.abort();
    leave = new AbortController();
    all.hidden = Boolean(id);
    one.hidden = !id;
    if (id) showEffect(one, id, AbortSignal.any([signal, leave.signal]), () => walk());
    else put(one);
  };
  on("effect", signal, () => effects.renew());
  show();
  effects.renew();
  open(openID);
  const page = h("div", { class: "page" }, h("header", { class: "page-head" }, h("h1", {}, "Effects")), all, one);
  page.goTo = (id) => {
    if (id === openID) return;
    open(id);
    (id ? one : listBox.element).focus({ preventScroll: true });
    scrollTo(0, 0);
  };
  return page;
}

const chip = (effect) => {
  const [word, tone] = STATES[effect.state] ?? [String(effect.state), "quiet"];
  return h("span", { class: `chip ${tone}` }, word);
};

function row(effect) {
  if (!effect) return [];
  return [
    h("span", { class: "option-main" }, named(effect.tool_name), h("span", { class: "row" }, effect.deletions > 0 && h("span", { class: "chip bad" }, `${effect.deletions.toLocaleString("en")} deleted`), chip(effect))),
    h("span", { class: "option-more faint" }, time(effect.created_at), h("span", { class: "grow clip" }, callerOf(effect)), h("span", { class: "number" }, count(effect.files_changed ?? 0, "file"))),
  ];
}

async function showEffect(place, id, signal, close) {
  const back = h("button", { class: "quiet lone-back", onclick: close }, icon("back"), "All effects");
  const head = h("div", { class: "stack" });
  const actions = h("div", { class: "stack", tabindex: -1, role: "group", "aria-label": "What may be done" });
  const told = h("div", { class: "stack", tabindex: -1 });
  const tell = (words) => {
    put(told, words);
    told.focus({ preventScroll: true });
    load();
  };
  let shown = null;
  let appliedBy = null;
  let isBusy = false;
  let isStale = false;
  let step = new AbortController();
  put(place, back, loading("the effect"));
  const load = async () => {
    if (isBusy) return (isStale = true);
    isBusy = true;
    do {
      isStale = false;
      try {
        const effect = await get(`effects/${part(id)}`, { signal });
        // The files of an effect are never others; all else may change.
        if (!shown) put(place, back, head, told, actions, section("What it changes", effectPart(effect, signal)), outcome(effect));
        await draw(effect);
      } catch (error) {
        if (signal.aborted) return;
        expected(error);
        if (!shown) put(place, back, problemNote(error, h("button", { onclick: load }, "Try again")));
      }
    } while (isStale && !signal.aborted);
    isBusy = false;
  };
  const draw = async (effect) => {
    appliedBy = effect.applied_audit_id;
    const applied = effect.state === "applied" && effect.applied_audit_id ? await entryOf(effect.applied_audit_id, signal) : null;
    const key = JSON.stringify([effect.state, effect.effect_verdict, effect.approval_required, effect.expires_at, applied?.undoable, applied?.undone_by]);
    if (key === shown) return;
    const wasHere = actions.contains(document.activeElement);
    shown = key;
    step.abort();
    step = new AbortController();
    put(head, headPart(effect, applied));
    put(actions, actionsOf(effect, applied, { signal, life: step.signal, tell, load }));
    actions.hidden = !actions.hasChildNodes();
    // Whoever stood on a button that went stays where it was.
    if (wasHere && document.activeElement === document.body) (actions.hidden ? place : actions).focus({ preventScroll: true });
  };
  // Of an effect that was undone, the event names the call that applied it.
  on("effect", signal, (event) => (!event || event.effect_id === id || event.audit_id === appliedBy) && load());
  await load();
}

async function entryOf(auditID, signal) {
  try {
    return (await get(`audit/${part(auditID)}`, { signal })).entry;
  } catch (error) {
    // Not everybody may read who applied it; it is applied all the same.
    if (!signal.aborted) expected(error);
    return null;
  }
}

function headPart(effect, applied) {
  const verdict = effect.effect_verdict;
  return [
    h("header", { class: "detail-head" }, h("h2", {}, named(effect.tool_name)), chip(effect), applied?.undone_by && h("span", { class: "chip warn" }, "Undone")),
    list([
      ["Previewed by", h("span", {}, callerOf(effect))], ["Previewed", effect.created_at && [time(effect.created_at), effect.audit_id && [" · ", h("a", { href: `#/runs/${part(effect.audit_id)}` }, "its entry in the record")]]],
      ["Expires", effect.state === "previewed" && [until(effect.expires_at), ", and is then forgotten"]],
      ["Applied", effect.applied_audit_id && [effect.ended_at && [time(effect.ended_at), " · "], h("a", { href: `#/runs/${part(effect.applied_audit_id)}` }, "by this call")]],
      ["Undone", applied?.undone_by && h("a", { href: `#/runs/${part(applied.undone_by)}` }, "by this call")],
      ["Digest", code(effect.effect_digest)],
    ]),
    h("details", {}, h("summary", {}, "The call"), effect.args && Object.keys(effect.args).length > 0 ? facts(effect.args, { kind: "text" }) : faint("no arguments")),
    verdictPart(verdict),
    effect.state === "previewed" && verdict?.verdict === "allow" && effect.approval_required && notice("warn", "The settings want a person's approval all the same."),
  ];
}

/** What the call answered. */
function outcome(effect) {
  const result = effect.result;
  if (effect.error) return section("What the call said", notice("bad", said(effect.error)), result && facts(result));
  return result && typeof result === "object" && Object.keys(result).length > 0 && section("What the call said", facts(result));
}

function actionsOf(effect, applied, { signal, life, tell, load }) {
  const id = effect.effect_id;
  const isMine = effect.principal === session.who.principal || session.who.role === "operator";
  if (!may("run_tools") || !isMine) return effect.state === "previewed" && [faint("Your token does not apply it. Who previewed it and operators do.")];
  if (effect.state === "applied" && applied?.undoable) return undoPart(effect.applied_audit_id, signal, tell);
  if (effect.state !== "previewed") return null;
  const args = { effect_id: id, effect_digest: effect.effect_digest };
  const discard = h("button", {
    onclick: () => ask({
      title: "Discard this effect?", action: "Discard it", body: h("p", {}, "Nothing was changed, and nothing will be. To see it again, the call has to be previewed again."),
      perform: async () => {
        await call("DELETE", `effects/${part(id)}`);
        announce("The effect was discarded");
        load();
      },
    }),
  }, "Discard…");
  if (effect.effect_verdict?.verdict === "deny") return h("div", { class: "row" }, discard);
  return [
    deed({
      label: [icon("check"), "Apply exactly this"], tool: "effect_apply", args, signal, life: AbortSignal.any([signal, life]),
      others: [discard, dim("All of it or nothing, and only where nothing changed since.")],
      send: (more) => call("POST", `effects/${part(id)}/apply`, { effect_digest: effect.effect_digest, ...more }, { signal, seconds: 600 }),
      onDone: (answer) => {
        tell(done(`Applied: ${count(answer.applied?.length ?? 0, "file")} changed.`, answer.audit_id));
        announce("It was applied");
      },
    }),
  ];
}
