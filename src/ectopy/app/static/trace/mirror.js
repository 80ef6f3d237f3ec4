// What a canvas shows, as a list that can be focused, read and walked by keys.

/** @typedef {{key: string, text: string, selected: boolean}} Row */

let lists = 0;

/** A list of options; keys are handled by whoever owns it. */
export class Mirror {
  /** @param {string} label @param {boolean} multiple */
  constructor(label, multiple = false) {
    lists += 1;
    this.prefix = `trace-${lists}-`;
    this.element = document.createElement("div");
    this.element.className = "trace-mirror";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "listbox");
    this.element.setAttribute("aria-label", label);
    if (multiple) this.element.setAttribute("aria-multiselectable", "true");
    this.told = "";
  }

  /**
   * Tell what there is now.
   * @param {Row[]} rows @param {string | null} active Key of the row that keys go on from.
   * @param {string} none What is said where there is nothing.
   */
  update(rows, active, none) {
    const told = JSON.stringify([rows, active]);
    if (told === this.told) return;
    this.told = told;
    const options = (rows.length ? rows : [{ key: "none", text: none, selected: false }]).map((row) => {
      const option = document.createElement("div");
      option.id = this.prefix + row.key;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", String(row.selected));
      if (!rows.length) option.setAttribute("aria-disabled", "true");
      option.textContent = row.text;
      return option;
    });
    this.element.replaceChildren(...options);
    if (active !== null && rows.some((row) => row.key === active)) {
      this.element.setAttribute("aria-activedescendant", this.prefix + active);
    } else {
      this.element.removeAttribute("aria-activedescendant");
    }
  }
}

/** A canvas with its mirror, and a frame of both that shows which has the focus. */
export class Pane {
  /**
   * @param {string} name Of its class. @param {string} label What the canvas shows.
   * @param {string} list What the list tells. @param {boolean} multiple
   */
  constructor(name, label, list, multiple = false) {
    this.element = document.createElement("div");
    this.element.className = `trace-pane trace-${name}`;
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", label);
    this.mirror = new Mirror(list, multiple);
    this.element.append(this.canvas, this.mirror.element);
    this.waiting = 0;
    this.canvas.addEventListener("pointerdown", () => this.mirror.element.focus({ preventScroll: true }));
    this.canvas.addEventListener("mousedown", (event) => event.preventDefault()); // it would take the focus
  }

  /** Have keys handled; those that are not go on to the page. @param {(event: KeyboardEvent) => boolean} handle */
  keys(handle) {
    this.mirror.element.addEventListener("keydown", (event) => {
      if (!handle(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  /** Fit the canvas to so many CSS pixels. @param {number} width @param {number} height @param {number} dpr */
  fit(width, height, dpr) {
    const [w, h] = [Math.max(1, Math.round(width * dpr)), Math.max(1, Math.round(height * dpr))];
    this.canvas.style.width = `${w / dpr}px`;
    this.canvas.style.height = `${h / dpr}px`;
    if (this.canvas.width !== w) this.canvas.width = w;
    if (this.canvas.height !== h) this.canvas.height = h;
  }

  /** Have a frame drawn, once. @param {() => void} draw */
  request(draw) {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      draw();
    });
  }
}
