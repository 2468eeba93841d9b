// What calls answered and printed while this page was open. The record keeps no output.

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
  const isNew = !known.has(event.audit_id);
  const { streams } = of(event.audit_id);
  const stream = (streams[event.stream === "stderr" ? "stderr" : "stdout"] ??= { text: "", end: 0 });
  const missing = event.offset - stream.end;
  const gap = missing > 0 ? `\n[${missing} bytes are not shown here]\n` : "";
  stream.text = (stream.text + gap + event.text).slice(-LONGEST);
  stream.end = event.offset + event.length;
  // A call that prints runs, though no event told of it yet.
  if (isNew) tell("run", null);
  tell("printed", event.audit_id);
});
