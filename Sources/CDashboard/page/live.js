// Hears from the daemon what happened. Over Server-Sent Events, read from a stream because the token travels in a header;
// where the daemon has none, by asking every two seconds.

import { Refusal, get, has, headers, url } from "./api.js";

const listeners = new Map();
let stop = null;

/** `kind`: `run`, `approval`, `config`, `lockdown`, `output`, or `state` with `live`, `asking` or `lost`. */
export function on(kind, signal, listener) {
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind).add(listener);
  signal?.addEventListener("abort", () => listeners.get(kind).delete(listener));
}

export function tell(kind, data) {
  for (const listener of [...(listeners.get(kind) ?? [])]) listener(data);
}

export function start() {
  stop?.abort();
  stop = new AbortController();
  run(stop.signal);
}

export function end() {
  stop?.abort();
  stop = null;
}

async function run(signal) {
  const stream = { lastID: null, exists: has("events") };
  let failures = 0;
  const open = (state) => {
    tell("state", state);
    if (failures > 0) for (const kind of ["run", "approval", "config", "lockdown"]) tell(kind, null);
    failures = 0;
  };
  while (!signal.aborted) {
    try {
      await (stream.exists ? listen(signal, stream, open) : ask(signal, open));
    } catch (error) {
      if (signal.aborted || error.status === 401) return;
      tell("state", "lost");
      failures += 1;
      await pause(Math.min(250 * 2 ** failures, 10_000), signal);
    }
  }
}

async function listen(signal, stream, open) {
  const quiet = new AbortController();
  // The daemon says something every 15 s; a connection that says nothing for three times as long is gone.
  let alarm = setTimeout(() => quiet.abort(), 45_000);
  try {
    const more = { Accept: "text/event-stream", ...(stream.lastID ? { "Last-Event-ID": stream.lastID } : {}) };
    const response = await fetch(url("events"), {
      headers: headers(more), cache: "no-store", redirect: "error", signal: AbortSignal.any([signal, quiet.signal]),
    });
    if (!response.ok) throw new Refusal(response.status, { detail: "no events" });
    open("live");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error("the stream ended");
      clearTimeout(alarm);
      alarm = setTimeout(() => quiet.abort(), 45_000);
      buffer += value;
      let end;
      while ((end = buffer.search(/\r?\n\r?\n/)) >= 0) {
        const block = buffer.slice(0, end);
        buffer = buffer.slice(end).replace(/^\r?\n\r?\n/, "");
        stream.lastID = dispatch(block) ?? stream.lastID;
      }
    }
  } finally {
    clearTimeout(alarm);
  }
}

function dispatch(block) {
  let kind = "message";
  let id = null;
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (field === "event") kind = value;
    if (field === "id") id = value;
    if (field === "data") data.push(value);
  }
  if (data.length > 0) {
    try {
      tell(kind, JSON.parse(data.join("\n")));
    } catch {
      // An event that is not JSON tells nothing; the next refresh shows what happened.
      tell(kind, null);
    }
  }
  return id;
}

async function ask(signal, open) {
  let seen = null;
  let rounds = 0;
  for (;;) {
    const [{ logs }, lock] = await Promise.all([get("logs?limit=1", { signal }), get("lockdown", { signal })]);
    if (!seen) open("asking");
    const now = [`${logs[0]?.audit_id} ${logs[0]?.status}`, JSON.stringify(lock)];
    if (seen && now[0] !== seen[0]) {
      tell("run", null);
      tell("config", null);
    }
    if (seen && now[1] !== seen[1]) tell("lockdown", null);
    if (rounds % 2 === 1) tell("approval", null);
    if (rounds % 5 === 4) tell("config", null);
    seen = now;
    rounds += 1;
    await pause(document.hidden ? 15_000 : 2000, signal);
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
