// Shows a part of very many rows of one height: as many elements as fit on the screen, whatever the count.

import { h } from "./dom.js";

// Beyond this browsers lose precision or stop; the scroll bar then stands for more than it is long.
const TALLEST = 6_000_000;

export class Windowed {
  #rows = h("div", { class: "rows", role: "presentation" });
  #spacer = h("div", { class: "spacer", role: "presentation" }, this.#rows);
  #first = -1;
  #last = -1;
  #frame = 0;
  count = 0;

  /**
   * - scroller: the element that scrolls.
   * - row(index): the element of one row.
   * - height(): pixels of one row.
   * - onScroll(first, last): which rows are on the screen now.
   */
  constructor({ scroller, row, height, onScroll = () => {} }) {
    Object.assign(this, { scroller, row, height, onScroll });
    scroller.append(this.#spacer);
    scroller.addEventListener("scroll", () => this.#later(), { passive: true });
    new ResizeObserver(() => this.refresh()).observe(scroller);
  }

  get #total() {
    return this.count * this.height();
  }

  get #room() {
    return this.scroller.clientHeight;
  }

  get #top() {
    const total = this.#total;
    if (total <= TALLEST) return this.scroller.scrollTop;
    return (this.scroller.scrollTop / (TALLEST - this.#room)) * (total - this.#room);
  }

  set #top(top) {
    const total = this.#total;
    this.scroller.scrollTop = total <= TALLEST ? top : (top / (total - this.#room)) * (TALLEST - this.#room);
  }

  setCount(count) {
    this.count = count;
    this.#spacer.style.height = `${Math.min(this.#total, TALLEST)}px`;
    this.refresh();
  }

  /** Makes the rows on the screen anew. */
  refresh() {
    this.#first = -1;
    this.#draw();
  }

  show(index) {
    const height = this.height();
    const top = this.#top;
    if (index * height < top) this.#top = index * height;
    else if ((index + 1) * height > top + this.#room) this.#top = (index + 1) * height - this.#room;
    this.#draw();
  }

  get rowsOnScreen() {
    return Math.max(1, Math.floor(this.#room / this.height()));
  }

  #later() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw() {
    const height = this.height();
    const top = Math.max(0, this.#top);
    const first = Math.max(0, Math.floor(top / height) - 4);
    const last = Math.min(this.count, Math.ceil((top + this.#room) / height) + 4);
    // Behind the cap a row stands where the scroll bar is, not where it would be without.
    const shift = this.#total <= TALLEST ? first * height : this.scroller.scrollTop - (top - first * height);
    this.#rows.style.transform = `translateY(${shift}px)`;
    if (first === this.#first && last === this.#last) return;
    this.#first = first;
    this.#last = last;
    const made = [];
    for (let index = first; index < last; index += 1) made.push(this.row(index));
    this.#rows.replaceChildren(...made);
    this.onScroll(first, last);
  }
}

/** Pixels of `rem`, which grow with the reader's font size. */
export function rem(count) {
  return count * parseFloat(getComputedStyle(document.documentElement).fontSize);
}
