// A list that is read page by page, newest first, as far as somebody looked.

import { expected } from "./api.js";

export class Paged {
  items = [];
  next = null;
  isRead = false;
  error = null;
  #running = null;
  #isStale = false;

  /**
   * - read(before): the page before that cursor, the newest for `null`: `{ items, next }`.
   * - idOf(item), onChange(): called after each reading.
   */
  constructor({ read, idOf, signal, onChange }) {
    Object.assign(this, { read, idOf, signal, onChange });
  }

  /** Takes in what happened; what is asked for meanwhile is answered by one more look. */
  async renew() {
    this.#isStale = true;
    await (this.#running ??= this.#renewAll().finally(() => (this.#running = null)));
  }

  async #renewAll() {
    while (this.#isStale && !this.signal.aborted) {
      this.#isStale = false;
      await this.#look(async () => {
        const page = await this.read(null);
        const last = page.items.length > 0 ? this.idOf(page.items.at(-1)) : null;
        const end = page.next === null ? -1 : this.items.findIndex((one) => this.idOf(one) === last);
        if (end < 0) this.next = page.next;
        this.items = end < 0 ? page.items : [...page.items, ...this.items.slice(end + 1)];
      });
    }
  }

  /** Reads on where the list ends. */
  more() {
    if (this.next === null || this.#running) return;
    this.#running = this.#look(async () => {
      const page = await this.read(this.next);
      const known = new Set(this.items.map(this.idOf));
      this.items = [...this.items, ...page.items.filter((one) => !known.has(this.idOf(one)))];
      this.next = page.next;
    }).finally(() => {
      this.#running = null;
      if (this.#isStale) this.renew();
    });
  }

  async #look(read) {
    try {
      await read();
      this.isRead = true;
      this.error = null;
    } catch (error) {
      if (this.signal.aborted) return;
      expected(error);
      this.error = error;
    }
    if (!this.signal.aborted) this.onChange();
  }
}
