// Hears from the daemon what happened: Server-Sent Events, read from a stream because the token travels in a header.

import { Refusal, headers, signedOut, url } from "./api.js";

const listeners = new Map();
let stop = null;

/** `kind`: `run`, `approval`, `task`, `effect`, `config`, `lockdown`, `output`, or `state` with `live` or `lost`. */
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

/** Says that anything may have happened. */
function tellAll() {
  for (const kind of ["run", "approval", "task", "effect", "config", "lockdown"]) tell(kind, null);
}

async function run(signal) {
  const stream = { lastID: null };
  let failures = 0;
  const open = () => {
    tell("state", "live");
    if (failures > 0) tellAll();
    failures = 0;
  };
  // What no event tells of, such as a broken file.
  const timer = setInterval(() => document.hidden || failures > 0 || tell("config", null), 5000);
  signal.addEventListener("abort", () => clearInterval(timer));
  while (!signal.aborted) {
    try {
      await listen(signal, stream, open);
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 401) return signedOut(error);
      failures += 1;
      if (failures > 1) tell("state", "lost");
      await pause(Math.min(100 * 2 ** failures, 10_000), signal);
    }
  }
}

async function listen(signal, stream, open) {
  const quiet = new AbortController();
  let alarm = 0;
  // The daemon says something every 15 s; a connection that says nothing for three times as long is gone.
  const heard = () => {
    clearTimeout(alarm);
    alarm = setTimeout(() => quiet.abort(), 45_000);
  };
  heard();
  try {
    const more = { Accept: "text/event-stream", ...(stream.lastID ? { "Last-Event-ID": stream.lastID } : {}) };
    const response = await fetch(url("events"), {
      headers: headers(more), cache: "no-store", redirect: "error", signal: AbortSignal.any([signal, quiet.signal]),
    });
    if (!response.ok) throw new Refusal(response.status, await response.json().catch(() => null));
    open();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error("the stream ended");
      heard();
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
  if (kind === "gap") {
    tellAll();
  } else if (data.length > 0) {
    try {
      tell(kind, JSON.parse(data.join("\n")));
    } catch {
      // An event that is not JSON tells nothing; the next refresh shows what happened.
      tell(kind, null);
    }
  }
  return id;
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
