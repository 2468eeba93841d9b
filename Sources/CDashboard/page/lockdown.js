// The big red switch, visible on every page.

import { call, may } from "./api.js";
import { h, put } from "./dom.js";
import { ask, said } from "./dialog.js";
import { field } from "./form.js";
import { time } from "./format.js";
import { icon } from "./icons.js";
import { lockdown } from "./store.js";

/** The button in the head of the page. */
export function lockdownButton(signal) {
  const place = h("span", {});
  lockdown.watch(signal, ({ value }) => {
    const isOff = value && !value.active;
    put(place, isOff && may("start_a_lockdown") && h("button", { class: "outline-danger", onclick: askToStop }, icon("lock"), "Lockdown"));
  });
  return place;
}

/** The line over every page while nothing runs. */
export function lockdownBanner(signal) {
  const banner = h("div", { class: "banner", role: "alert" });
  lockdown.watch(signal, ({ value }) => {
    banner.hidden = !value?.active;
    document.documentElement.toggleAttribute("data-locked", Boolean(value?.active));
    if (!value?.active) return put(banner);
    put(
      banner, icon("lock"),
      h(
        "p", {}, h("strong", {}, "Lockdown. Nothing runs"), value.since_at ? [" since ", time(value.since_at)] : null, ". ",
        value.reason && said(value.reason)),
      may("end_a_lockdown")
        ? h("button", { onclick: askToResume }, "Resume")
        : h("p", {}, "An operator can end it."));
  });
  return banner;
}

async function set(active, reason) {
  const answer = await call("POST", "lockdown", reason ? { active, reason } : { active });
  lockdown.set(answer);
}

function askToStop() {
  const reason = field("Why (shown to every caller)", h("input", { type: "text", maxlength: 500 }));
  ask({
    title: "Stop everything?", action: "Start the lockdown", tone: "danger", word: "stop",
    body: [
      h(
        "ul", { class: "plain" },
        h("li", {}, "Every new call is refused, for every agent and person."),
        h("li", {}, "No approval is given and no step of a task runs."),
        h("li", {}, "This page keeps working. The lockdown survives a restart, until an operator ends it.")),
      reason.element,
    ],
    perform: () => set(true, reason.control.value.trim()),
  });
}

function askToResume() {
  ask({
    title: "Let calls run again?", action: "End the lockdown",
    body: h("p", {}, "Agents may call every tool that is on, at once. What was refused meanwhile does not run by itself."),
    perform: () => set(false),
  });
}
