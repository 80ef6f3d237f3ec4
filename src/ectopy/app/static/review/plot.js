// A canvas that fits its place: drawn anew with its size, the theme and its data.

import { h } from "../dom.js";

/** @typedef {(ctx: CanvasRenderingContext2D, width: number, height: number, colour: (name: string) => string) => void} Draw */

/** A drawing with a text that says the same. */
export class Plot {
  /** @param {Draw} draw @param {string} kind Class, which gives the height. */
  constructor(draw, kind = "") {
    this.draw = draw;
    this.canvas = h("canvas", { role: "img", "aria-label": "" });
    this.element = h(`div.plot${kind && `.${kind}`}`, {}, this.canvas);
    this.dpr = 1;
    this.waiting = false;
    new ResizeObserver(() => this.redraw()).observe(this.element);
    document.addEventListener("ectopy-theme", () => this.redraw());
  }

  /** @param {string} text What it shows. */
  says(text) {
    this.canvas.setAttribute("aria-label", text);
  }

  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      const { clientWidth: width, clientHeight: height } = this.element;
      if (!width || !height) return;
      this.dpr = devicePixelRatio || 1;
      this.canvas.width = Math.round(width * this.dpr);
      this.canvas.height = Math.round(height * this.dpr);
      const ctx = this.canvas.getContext("2d");
      ctx.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
      ctx.font = "12px system-ui, 'Liberation Sans', sans-serif";
      const probe = h("i", { hidden: true });
      probe.style.forcedColorAdjust = "none"; // a canvas keeps its colours
      this.element.append(probe);
      const known = new Map();
      const colour = (/** @type {string} */ name) => {
        if (!known.has(name)) {
          probe.style.color = `var(--${name})`;
          known.set(name, getComputedStyle(probe).color);
        }
        return known.get(name);
      };
      this.draw(ctx, width, height, colour);
      probe.remove();
    });
  }

  /** Where an event is, in the units of the drawing. @param {MouseEvent} event @returns {[number, number]} */
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }
}

/** Round steps for an axis. @param {number} low @param {number} high @param {number} most */
export function ticks(low, high, most) {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
  const found = [];
  for (let x = Math.ceil(low / step) * step; x <= high + 1e-9; x += step) found.push(Number(x.toFixed(6)));
  return found;
}
