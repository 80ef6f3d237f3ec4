// The panels beside the trace: one is shown; it is drawn anew when labels change.

import { fault, h } from "../dom.js";

/**
 * A panel.
 * @typedef {object} Panel
 * @property {string} name @property {string} title @property {string} key
 * @property {HTMLElement} element
 * @property {() => Promise<void> | void} load Asks for what it shows, for the labels as they stand.
 * @property {(by: number) => void} [step] Next or previous item.
 * @property {() => void} [accept]
 * @property {(letter: string) => boolean} [label] Whether it took a letter for itself.
 * @property {() => boolean} [remove] Likewise of Delete.
 * @property {() => void} [resized]
 * @property {() => void} [opened]
 */

export class Panels {
  /** @param {HTMLElement} tabs @param {HTMLElement} host @param {Panel[]} panels */
  constructor(tabs, host, panels) {
    this.panels = panels;
    this.host = host;
    /** @type {Panel | null} */
    this.shown = null;
    /** @type {Set<Panel>} Those whose content is of labels before the last edit. */
    this.stale = new Set(panels);
    /** @type {Set<Panel>} Those that ask for their content now. */
    this.loading = new Set();
    this.tabs = new Map(
      panels.map((panel) => [
        panel.name,
        h("button.tab", { role: "tab", id: `tab-${panel.name}`, "aria-controls": `panel-${panel.name}`, "aria-selected": "false", tabindex: -1,
          title: `${panel.title} (${panel.key})`, onclick: () => this.show(panel.name) }, panel.title),
      ]),
    );
    tabs.append(...this.tabs.values());
    tabs.addEventListener("keydown", (event) => this.#walk(event));
    for (const panel of panels) {
      Object.assign(panel.element, { id: `panel-${panel.name}`, tabIndex: -1, hidden: true });
      panel.element.setAttribute("role", "tabpanel");
      panel.element.setAttribute("aria-labelledby", `tab-${panel.name}`);
      panel.element.classList.add("panel");
      host.append(panel.element);
    }
  }

  /** @param {string} name @param {boolean} [focus] */
  show(name, focus = false) {
    const panel = this.panels.find((one) => one.name === name) ?? this.panels[0];
    for (const one of this.panels) {
      const chosen = one === panel;
      one.element.hidden = !chosen;
      const tab = this.tabs.get(one.name);
      tab?.setAttribute("aria-selected", String(chosen));
      if (tab) tab.tabIndex = chosen ? 0 : -1;
    }
    this.shown = panel;
    this.tabs.get(panel.name)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    panel.opened?.();
    this.#fill();
    if (focus) {
      // A list takes the focus; never a field, in which the next key would be typed.
      const first = panel.element.querySelector("[role=listbox]:not([hidden])");
      /** @type {HTMLElement} */ (first ?? panel.element).focus({ preventScroll: true });
    }
  }

  /** Labels were changed. */
  changed() {
    this.stale = new Set(this.panels);
    this.#fill();
  }

  #fill() {
    const panel = this.shown;
    if (!panel || !this.stale.has(panel) || this.loading.has(panel)) return;
    this.stale.delete(panel);
    this.loading.add(panel);
    panel.element.setAttribute("aria-busy", "true");
    Promise.resolve(panel.load())
      .catch(fault)
      .finally(() => {
        this.loading.delete(panel);
        if (this.stale.has(panel)) this.#fill(); // edited meanwhile: once more
        if (!this.loading.has(panel)) panel.element.removeAttribute("aria-busy");
      });
  }

  /** @param {number} by */
  step(by) {
    if (!this.shown?.step) this.show("queue");
    this.shown?.step?.(by);
  }

  accept() {
    if (!this.shown?.accept) this.show("queue");
    else this.shown.accept();
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const names = this.panels.map((panel) => panel.name);
    const at = names.indexOf(this.shown?.name ?? "");
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const name = names[(to + names.length) % names.length];
    this.show(name);
    this.tabs.get(name)?.focus();
  }
}
