// The frame around the pages: who is signed in, where one is, whether the daemon answers, and the switch that stops all.

import { expected, observe, session } from "./api.js";
import { dim, foreign, h, put } from "./dom.js";
import { loading, problemNote } from "./dialog.js";
import { brand, icon } from "./icons.js";
import { layerPage } from "./layer.js";
import { end, on, start } from "./live.js";
import { lockdownBanner, lockdownButton } from "./lockdown.js";
import { forgetAll } from "./outputs.js";
import { forget, resume, signInPage, signOut } from "./signin.js";
import { all, approvals, approvalsChanged, config, decided, grants, lockdown, newest, node, queue, tools } from "./store.js";
import { plain } from "./text.js";
import { forgetDrafts, tryPage } from "./try.js";

const app = document.getElementById("app");
const PAGES = [
  { name: "", label: "Layer", title: "Execution Layer", show: layerPage },
  { name: "approvals", label: "Approvals", title: "Approvals", show: later(async () => (await import("./approvals.js")).approvalsPage) },
  { name: "effects", label: "Effects", title: "Effects", show: later(async () => (await import("./effects.js")).effectsPage) },
  { name: "tasks", label: "Tasks", title: "Tasks", show: later(async () => (await import("./tasks.js")).tasksPage) },
  { name: "playbooks", label: "Playbooks", title: "Playbooks", show: later(async () => (await import("./playbooks.js")).playbooksPage) },
  { name: "runs", label: "Runs", title: "Runs", show: later(async () => (await import("./runs.js")).runsPage) },
  { name: "run", label: "Run a tool", title: "Run a tool", show: tryPage },
];

let frame = null;
let current = null;
let lastPrincipal = null;

/** A page whose code comes when it is looked at first. */
function later(load) {
  let known = null;
  return (context) => {
    if (known) return known(context);
    const place = h("div", {}, loading("the page"));
    const show = async () => {
      try {
        known = await load();
        if (context.signal.aborted) return;
        const page = known(context);
        put(place, page);
        place.goTo = page.goTo;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        // After an update of the daemon the files of this page have other names.
        put(place, problemNote(new Error("this page could not be fetched"), h("div", { class: "row" }, h("button", { onclick: show }, "Try again"), h("button", { onclick: () => location.reload() }, "Load anew"))));
      }
    };
    show();
    return place;
  };
}

function place() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return "";
    }
  });
  return { path: parts, query: new URLSearchParams(query ?? "") };
}

function go(path, query = new URLSearchParams(), { keepsList = false } = {}) {
  const text = query.toString();
  const hash = `#/${path.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
  if (keepsList && current?.element.goTo) {
    history.pushState(null, "", hash);
    current.element.goTo(path[1] ?? null, query);
  } else if (location.hash === hash) {
    show();
  } else {
    location.hash = hash;
  }
}

function show() {
  if (!frame) return;
  const { path, query } = place();
  const page = PAGES.find(({ name }) => name === path[0]) ?? PAGES[0];
  const wasSame = current?.page === page;
  current?.abort.abort();
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, frame.abort.signal]);
  const element = page.show({ signal, path, query, go });
  current = { page, abort, element };
  put(frame.main, element);
  if (!wasSame) frame.main.focus({ preventScroll: true });
  if (!wasSame) scrollTo(0, 0);
  showNav();
}

function showNav() {
  if (!frame) return;
  const waiting = approvals.value ? queue.total : 0;
  put(frame.nav, PAGES.map((page) => h(
    "a", { href: `#/${page.name}`, "aria-current": current?.page === page ? "page" : null },
    page.label, page.name === "approvals" && waiting > 0 && h("span", { class: "badge" }, h("span", { class: "sr" }, " waiting: "), waiting > 999 ? "999+" : String(waiting)))));
  const locked = lockdown.value?.active ? "Lockdown · " : "";
  document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${locked}${current?.page.title ?? "Execution Layer"}${current?.page.name ? " · Execution Layer" : ""}`;
}

function themeButton() {
  const choices = ["system", "light", "dark"];
  const names = { system: "as the system", light: "light", dark: "dark" };
  const chosen = () => document.documentElement.dataset.theme ?? "system";
  const button = h("button", { class: "quiet" });
  const draw = () => {
    put(button, icon({ system: "half", light: "sun", dark: "moon" }[chosen()]));
    button.setAttribute("aria-label", `Colours: ${names[chosen()]}`);
  };
  button.addEventListener("click", () => {
    const next = choices[(choices.indexOf(chosen()) + 1) % choices.length];
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      if (next === "system") localStorage.removeItem("execution_theme");
      else localStorage.setItem("execution_theme", next);
    } catch {
      // The choice then lasts as long as the page.
    }
    draw();
  });
  draw();
  return button;
}

function connection(signal) {
  const place = h("p", { class: "connection", role: "status" });
  on("state", signal, (state) => {
    place.dataset.state = state;
    put(place, h("span", { class: "dot" }), state === "lost" ? "Disconnected, trying again" : h("span", { class: "sr" }, "Connected"));
    place.title = state === "live" ? "Connected" : "The daemon does not answer. What you typed stays here.";
  });
  return place;
}

function account() {
  const { principal, role } = session.who;
  const isOpen = principal === "local";
  return h(
    "div", { class: "account" },
    h("span", { class: "who", title: isOpen ? "No token is configured: everybody on this machine is the operator" : `Signed in as ${role}` }, foreign(principal), principal !== role && dim(` ${role}`)),
    !isOpen && h("button", { class: "quiet", onclick: leave }, "Sign out"));
}

async function leave() {
  // Nothing of the page may still look at who is here.
  close();
  try {
    await signOut();
  } catch (error) {
    expected(error);
  }
  forgetDrafts();
  signIn(null);
}

function signIn(problem) {
  close();
  put(app, h("a", { class: "skip", href: "#main" }, "Skip to the content"), signInPage(problem, open));
  document.title = "Sign in · Execution Layer";
}

function close() {
  end();
  frame?.abort.abort();
  frame = null;
  current = null;
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  document.documentElement.removeAttribute("data-locked");
  for (const store of all) store.reset();
  forgetAll();
}

function open() {
  // Drafts outlive a token that expired, but not a change of the person.
  if (lastPrincipal !== null && lastPrincipal !== session.who.principal) forgetDrafts();
  lastPrincipal = session.who.principal;
  const abort = new AbortController();
  const main = h("main", { id: "main", tabindex: -1 });
  const nav = h("nav", { class: "main-nav", "aria-label": "Pages" });
  frame = { abort, main, nav };
  put(
    app, h("a", { class: "skip", href: "#main", onclick: (event) => (event.preventDefault(), main.focus()) }, "Skip to the content"),
    h(
      "header", { class: "top" }, h("a", { class: "brand", href: "#/", "aria-label": "Execution Layer" }, brand(), h("span", {}, "Execution Layer")), nav,
      h("div", { class: "tools-row" }, connection(abort.signal), themeButton(), account(), lockdownButton(abort.signal))),
    lockdownBanner(abort.signal), main, h("div", { id: "announcer", class: "sr", "aria-live": "polite" }));
  lockdown.watch(abort.signal, showNav);
  // When the newest that was seen came: one further down comes into the list when another is decided, and is no news.
  let seenUpTo = null;
  approvals.watch(abort.signal, ({ value }) => {
    showNav();
    if (!value) return;
    if (seenUpTo !== null) value.filter((item) => item.created_at > seenUpTo).slice(0, 3).forEach(notify);
    seenUpTo = Math.max(seenUpTo ?? 0, ...value.map((item) => item.created_at));
  });
  on("approval", abort.signal, approvalsChanged);
  const refresh = { run: [newest, grants], approval: [decided, grants], config: [tools, config, node], lockdown: [lockdown] };
  for (const [kind, stores] of Object.entries(refresh)) {
    on(kind, abort.signal, () => stores.forEach((store) => store.touch()));
  }
  show();
  start();
}

/** Somebody waits, and the page is not looked at. */
function notify(item) {
  if (!("Notification" in globalThis) || Notification.permission !== "granted" || !document.hidden) return;
  const note = new Notification("Approval needed", { body: plain(`${item.tool_name} for ${item.principal}`).slice(0, 120), tag: item.approval_request_id });
  note.addEventListener("click", () => {
    window.focus();
    go(["approvals", item.approval_request_id]);
  });
}

addEventListener("hashchange", () => {
  const { path, query } = place();
  if (current?.element.goTo && current.page.name === path[0]) current.element.goTo(path[1] ?? null, query);
  else show();
});
observe((refusal) => {
  forget();
  signIn(refusal);
});

try {
  if (await resume()) open();
  else signIn(null);
} catch (error) {
  expected(error);
  // One that was not asked may still be good: a reload tries it again.
  if (error.status === 401) forget();
  signIn(error);
}

