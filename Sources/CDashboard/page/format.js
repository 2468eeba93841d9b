// Times, durations and sizes as people read them.

import { dim, foreign, h } from "./dom.js";

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });

/** A point in time: the clock today, the date before. `seconds` since 1970. */
export function time(seconds) {
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) return dim("–");
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return dim("–");
  const isToday = date.toDateString() === new Date().toDateString();
  const shown = isToday ? clock.format(date) : `${day.format(date)}, ${clock.format(date).slice(0, 5)}`;
  return h("time", { datetime: date.toISOString(), title: full.format(date) }, shown);
}

/** "in 4 min", "in 6 days", or "now". */
export function until(seconds) {
  const left = seconds - Date.now() / 1000;
  return left <= 0 ? "now" : `in ${span(left)}`;
}

export function span(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

export function duration(milliseconds) {
  if (typeof milliseconds !== "number") return "–";
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 60_000 ? `${(milliseconds / 1000).toFixed(1)} s` : span(milliseconds / 1000);
}

export function bytes(count) {
  if (typeof count !== "number") return "–";
  if (count < 1024) return `${count} ${count === 1 ? "byte" : "bytes"}`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let unit = -1;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

const STATUS = {
  ok: ["Ran", "ok"], error: ["Failed", "bad"], dry_run: ["Dry run", "calm"], disabled: ["Tool off", "warn"],
  policy_blocked: ["Denied by policy", "warn"], approval_required: ["Needs approval", "warn"],
  rate_limited: ["Too many calls", "warn"], locked: ["Lockdown", "bad"], unauthorized: ["Not allowed", "bad"],
  invalid: ["Invalid", "warn"], timeout: ["Timed out", "bad"], cancelled: ["Cancelled", "warn"],
  unknown: ["Outcome unknown", "bad"], running: ["Running", "calm"],
};

export const STATUSES = Object.entries(STATUS).filter(([key]) => key !== "running").map(([key, [label]]) => [key, label]);

/** The state of an audit entry; an intent without an outcome is still running. */
export function status(entry) {
  const key = entry.status ?? (entry.kind === "intent" ? "running" : "unknown");
  const [label, tone] = entry.kind === "change" && key === "ok" ? ["Changed", "calm"] : (STATUS[key] ?? [key, "calm"]);
  return h("span", { class: `chip ${tone}` }, label);
}

export function risk(tool) {
  const tones = { low: "quiet", medium: "warn", high: "bad" };
  return h("span", { class: `chip ${tones[tool.risk] ?? "quiet"}` }, `${tool.risk} risk`);
}

/** Who called: the token, and the call's label. */
export function callerOf(entry) {
  return [foreign(entry.principal ?? entry.peer ?? "somebody"), entry.agent_id && [" as ", foreign(entry.agent_id)]];
}

/** The tool, or what was asked for without one. */
export function titleOf(entry) {
  if (entry.tool_name !== "request") return entry.tool_name ?? "unknown";
  return entry.path ? `${entry.method ?? ""} ${entry.path}` : "refused requests";
}
