// What calls answered and printed while this page was open. The record keeps no output, so this is all there is of it here.

import { on, tell } from "./live.js";

const KEPT = 30;
const LONGEST = 4_000_000;
const known = new Map();

function of(id) {
  if (!known.has(id)) {
    known.set(id, { result: null, streams: {} });
    if (known.size > KEPT) known.delete(known.keys().next().value);
  }
  return known.get(id);
}

export const outputOf = (id) => known.get(id) ?? null;

export function keepResult(id, result) {
  if (typeof id === "string") of(id).result = result ?? null;
}

export function forgetAll() {
  known.clear();
}

on("output", null, (event) => {
  if (typeof event?.audit_id !== "string" || typeof event.text !== "string") return;
  const { streams } = of(event.audit_id);
  const name = event.stream === "stderr" ? "stderr" : "stdout";
  streams[name] = ((streams[name] ?? "") + event.text).slice(-LONGEST);
  tell("printed", event.audit_id);
});
