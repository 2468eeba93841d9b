// A list of any length, walked with the arrow keys. The focus stays on the list; the current row is named to screen
// readers, so rows may come and go.

import { h, uniqueID } from "./dom.js";
import { Windowed } from "./windowed.js";

export class ListBox {
  #base = uniqueID("row");
  #current = -1;
  #currentKey = null;
  /** The key of the row that the pointer went down on. */
  #pressed = null;

  /**
   * - label: what the list is.
   * - key(index): what identifies a row; the current row stays the same when others come in before it.
   * - content(index): children of the row.
   * - height(): pixels of a row.
   * - onOpen(index): a row was chosen. onMove(index): the current row changed.
   */
  constructor(options) {
    Object.assign(this, { onOpen: () => {}, onMove: () => {}, onEnd: () => {}, isOpened: () => false }, options);
    this.element = h("div", {
      class: "listbox", role: "listbox", tabindex: 0, "aria-label": this.label,
      onkeydown: (event) => this.#key(event), onclick: () => this.#click(),
      onpointerdown: (event) => this.#press(event.target.closest("[data-index]")),
      onfocus: () => this.#pressed === null && this.count > 0 && this.#current < 0 && this.move(0),
    });
    this.windowed = new Windowed({
      scroller: this.element, height: this.height, row: (index) => this.#row(index),
      onScroll: (_, last) => last >= this.count && this.onEnd(),
    });
  }

  get count() {
    return this.windowed.count;
  }

  /** There are `count` rows now. */
  setCount(count) {
    this.windowed.setCount(count);
    if (this.#currentKey !== null) {
      const at = this.#indexOf(this.#currentKey);
      // Where the current row went, the one that took its place is the current one.
      this.#current = at >= 0 ? at : Math.min(this.#current, count - 1);
      if (at < 0) this.#currentKey = count > 0 ? this.key(this.#current) : null;
      this.windowed.refresh();
    }
    this.#name();
  }

  move(index, isShown = true) {
    this.#current = Math.max(0, Math.min(this.count - 1, index));
    this.#currentKey = this.key(this.#current);
    if (isShown) this.windowed.show(this.#current);
    this.windowed.refresh();
    this.#name();
    this.onMove(this.#current);
  }

  refresh() {
    this.windowed.refresh();
  }

  #name() {
    if (this.#current < 0) this.element.removeAttribute("aria-activedescendant");
    else this.element.setAttribute("aria-activedescendant", `${this.#base}-${this.#current}`);
  }

  #row(index) {
    const isOpened = this.isOpened(index);
    return h(
      "div", {
        class: `option${index === this.#current ? " current" : ""}${isOpened ? " opened" : ""}`, role: "option",
        id: `${this.#base}-${index}`, "data-index": index, "aria-selected": isOpened ? "true" : "false",
        "aria-posinset": index + 1, "aria-setsize": this.count,
      },
      this.content(index));
  }

  /** Opens what was under the pointer when it went down: rows may have moved since. */
  #click() {
    if (this.#pressed === null) return;
    const index = this.#indexOf(this.#pressed);
    this.#pressed = null;
    if (index < 0) return;
    this.move(index, false);
    this.onOpen(index);
  }

  #indexOf(key) {
    for (let index = 0; index < this.count; index += 1) if (this.key(index) === key) return index;
    return -1;
  }

  #press(row) {
    this.#pressed = row ? this.key(Number(row.dataset.index)) : null;
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.count === 0) return;
    const page = this.windowed.rowsOnScreen;
    const steps = {
      ArrowDown: this.#current + 1, ArrowUp: this.#current - 1, j: this.#current + 1, k: this.#current - 1,
      PageDown: this.#current + page, PageUp: this.#current - page, Home: 0, End: this.count - 1,
    };
    if (event.key in steps) this.move(steps[event.key]);
    else if (event.key === "Enter" && this.#current >= 0) this.onOpen(this.#current);
    else return;
    event.preventDefault();
  }
}
