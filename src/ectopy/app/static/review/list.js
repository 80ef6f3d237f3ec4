// A list that is walked with arrows, J and K, and clicked: a listbox, of which one item is chosen.

import { h } from "../dom.js";

/** @template Item */
export class List {
  /**
   * @param {string} label
   * @param {{key: (item: Item) => string, draw: (item: Item) => (Node | string)[],
   *   chosen: (item: Item) => void, marked?: (item: Item) => string}} how
   */
  constructor(label, how) {
    this.how = how;
    /** @type {Item[]} */
    this.items = [];
    this.at = -1;
    /** Whether the chosen item is gone: the next one is then that at its place. */
    this.gone = false;
    this.prefix = `list-${Math.random().toString(36).slice(2, 8)}`;
    this.element = h("ul.items", { role: "listbox", tabindex: 0, "aria-label": label });
    this.element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1e9, End: 1e9 }[event.key];
      if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.step(by);
    });
    this.element.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const item = /** @type {HTMLElement} */ (event.target).closest("li");
      if (item) this.choose([...this.element.children].indexOf(item));
    });
  }

  get item() {
    return this.gone ? undefined : this.items[this.at];
  }

  /**
   * Show items; the one that was chosen stays so, if it is among them.
   * @param {Item[]} items
   */
  fill(items) {
    const key = this.item && this.how.key(this.item);
    this.items = items;
    const found = items.findIndex((item) => this.how.key(item) === key);
    this.gone = this.at >= 0 && found < 0;
    this.at = found >= 0 ? found : Math.min(this.at, items.length - 1);
    this.element.replaceChildren(
      ...items.map((item, i) =>
        h(`li${this.how.marked?.(item) ?? ""}`, { role: "option", id: `${this.prefix}-${i}`, "aria-selected": "false" }, ...this.how.draw(item)),
      ),
    );
    this.element.hidden = !items.length;
    this.#mark();
  }

  /** @param {number} by */
  step(by) {
    if (!this.items.length) return;
    const from = this.gone && by > 0 ? this.at - 1 : this.at;
    this.choose(Math.max(0, Math.min(this.items.length - 1, from + by)));
  }

  /** @param {number} at */
  choose(at) {
    this.at = at;
    this.gone = false;
    this.#mark();
    if (this.item) this.how.chosen(this.item);
  }

  #mark() {
    for (const [i, line] of [...this.element.children].entries()) {
      line.setAttribute("aria-selected", String(i === this.at && !this.gone));
      if (i === this.at) line.scrollIntoView({ block: "nearest" });
    }
    if (this.item) this.element.setAttribute("aria-activedescendant", `${this.prefix}-${this.at}`);
    else this.element.removeAttribute("aria-activedescendant");
  }
}
