// What the pages show is kept here once, fetched again when something changed, and told to whoever shows it.

import { expected, get, has, may } from "./api.js";

export class Store {
  #load;
  #watchers = new Set();
  #running = null;
  #isStale = false;
  #life = new AbortController();

  /** `load(read, store)` answers the value, asking for paths with `read`. It is absent where the daemon has no such part, and for those who may not read it. */
  constructor(load, { part = null, needs = "list_tools", isLong = false } = {}) {
    this.#load = load;
    Object.assign(this, { part, needs, isLong });
    this.reset();
  }

  /** Somebody else is here: what is under way for whoever was here before is given up. */
  reset() {
    this.#life.abort();
    this.#life = new AbortController();
    this.#running = null;
    this.#isStale = false;
    this.value = null;
    this.error = null;
    this.isAbsent = false;
  }

  /** Calls `show` now and after every change, until `signal` is aborted. */
  watch(signal, show) {
    this.#watchers.add(show);
    signal.addEventListener("abort", () => this.#watchers.delete(show));
    show(this);
    if ((this.value === null || this.isOld) && !this.isAbsent) this.refresh();
  }

  /** Something happened to it. */
  touch() {
    this.isOld = true;
    if (this.isWatched) this.refresh();
  }

  /** Aborted by the next reset. */
  get signal() {
    return this.#life.signal;
  }

  get isWatched() {
    return this.#watchers.size > 0;
  }

  set(value) {
    this.value = value;
    this.error = null;
    this.#tell();
  }

  /** Fetches again; requests that come while one is under way are answered by one more. */
  async refresh() {
    this.isAbsent = !may(this.needs) || !has(this.part);
    if (this.isAbsent) return this.#tell();
    if (this.#running) {
      this.#isStale = true;
      return this.#running;
    }
    const running = this.#fetch(this.signal);
    this.#running = running;
    await running;
    if (this.#running !== running) return;
    this.#running = null;
    if (this.#isStale) {
      this.#isStale = false;
      await this.refresh();
    }
  }

  async #fetch(signal) {
    const before = this.error || this.isLong ? null : JSON.stringify(this.value);
    this.isOld = false;
    try {
      const value = await this.#load((path) => get(path, { signal }), this);
      if (signal.aborted) return;
      this.value = value;
      this.error = null;
      // Nothing is drawn anew for nothing.
      if (before !== null && JSON.stringify(this.value) === before) return;
    } catch (error) {
      if (signal.aborted) return;
      expected(error);
      this.error = error;
    }
    this.#tell();
  }

  #tell() {
    for (const show of [...this.#watchers]) show(this);
  }
}

export const tools = new Store(async (read) => (await read("tools")).tools);
export const config = new Store((read) => read("config"), { needs: "read_the_configuration" });
export const lockdown = new Store((read) => read("lockdown"));
export const newest = new Store(async (read) => (await read("logs?limit=5&kind=call")).logs, { needs: "read_its_own_records" });

/** What waits, newest first: `next` is where the unread rest begins, `total` counts all. */
export const queue = { next: null, total: 0, isReading: false, isStale: false };

export const approvals = new Store(async (read, store) => {
  const page = await read("approvals?limit=100");
  queue.total = page.pending ?? page.approvals.length;
  const end = page.next === null || queue.isStale ? -1 : (store.value ?? []).findIndex((item) => item.approval_request_id === page.approvals.at(-1).approval_request_id);
  if (end < 0) queue.next = page.next;
  queue.isStale = false;
  return end < 0 ? page.approvals : [...page.approvals, ...store.value.slice(end + 1)];
}, { needs: "read_its_own_records", isLong: true });

/** Reads on where the list ends. */
export async function olderApprovals() {
  if (queue.next === null || queue.isReading) return;
  queue.isReading = true;
  const { signal } = approvals;
  try {
    const page = await get(`approvals?limit=200&before=${queue.next}`, { signal });
    const known = new Set(approvals.value.map((item) => item.approval_request_id));
    queue.next = page.next;
    approvals.set([...approvals.value, ...page.approvals.filter((item) => !known.has(item.approval_request_id))]);
  } catch (error) {
    // The next look at the end of the list tries again.
    if (!signal.aborted) expected(error);
  } finally {
    queue.isReading = false;
  }
}

/** `event`: what happened to one of them; null where anything may have happened. */
export function approvalsChanged(event) {
  const id = event?.approval_request_id;
  if (!id) queue.isStale = true;
  else if (event.approval_status !== "pending") approvals.value &&= approvals.value.filter((item) => item.approval_request_id !== id);
  approvals.refresh();
}

/** Decisions of the last time, from the record. */
export const decided = new Store(async (read) => {
  const found = [];
  let before = "";
  for (let round = 0; round < 10 && found.length < 100; round += 1) {
    const page = await read(`logs?kind=change&tool_name=change:approval&limit=200${before}`);
    found.push(...page.logs.filter((entry) => entry.after?.status && entry.after.status !== "pending"));
    if (page.next === null) break;
    before = `&before=${page.next}`;
  }
  return found;
}, { needs: "read_all_records" });
export const grants = new Store(async (read) => (await read("grants")).grants, { needs: "read_the_configuration" });
export const node = new Store((read) => read("node/config"), { part: "node", needs: "change_the_configuration" });

export const all = [tools, config, lockdown, newest, approvals, decided, grants, node];
