// What the pages show is kept here once, fetched again when something changed, and told to whoever shows it.

import { Refusal, get, has, may } from "./api.js";

class Store {
  #load;
  #watchers = new Set();
  #running = null;
  #isStale = false;

  /** `load()` answers the value. It is absent where the daemon has no such part, and for those who may not read it. */
  constructor(load, { part = null, needs = "list_tools" } = {}) {
    this.#load = load;
    this.part = part;
    this.needs = needs;
    this.reset();
  }

  reset() {
    this.value = null;
    this.error = null;
    this.isAbsent = false;
  }

  /** Calls `show` now and after every change, until `signal` is aborted. */
  watch(signal, show) {
    this.#watchers.add(show);
    signal.addEventListener("abort", () => this.#watchers.delete(show));
    show(this);
    if (this.value === null && !this.isAbsent) this.refresh();
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
    this.#running = this.#fetch();
    await this.#running;
    this.#running = null;
    if (this.#isStale) {
      this.#isStale = false;
      await this.refresh();
    }
  }

  async #fetch() {
    try {
      this.value = await this.#load();
      this.error = null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.error = error;
    }
    this.#tell();
  }

  #tell() {
    for (const show of [...this.#watchers]) show(this);
  }
}

export const tools = new Store(async () => (await get("tools")).tools);
export const config = new Store(() => get("config"), { needs: "read_the_configuration" });
export const lockdown = new Store(() => get("lockdown"));
export const newest = new Store(async () => (await get("logs?limit=5&kind=call")).logs, { needs: "read_its_own_records" });
export const approvals = new Store(async () => (await get("approvals?limit=1000")).approvals, { part: "approvals", needs: "read_all_records" });
export const decided = new Store(async () => (await get("requests?limit=100")).requests.filter((item) => item.status !== "pending"), { part: "requests", needs: "read_all_records" });
export const grants = new Store(async () => (await get("grants")).grants, { part: "grants", needs: "read_all_records" });
export const node = new Store(() => get("node/config"), { part: "node", needs: "change_the_configuration" });

export const all = [tools, config, lockdown, newest, approvals, decided, grants, node];
