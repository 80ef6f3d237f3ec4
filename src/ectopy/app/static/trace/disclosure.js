// Full disclosure: an hour a page, a minute a row, ectopic beats in their colour; a click jumps.

import { lowerBound } from "./beats.js";
import { ROW_S, paintGround, paintRow } from "./disclosure_row.js";
import { Pane } from "./mirror.js";
import { rowText } from "./trend.js";

const PAGE_S = 3600;
const PART_ROWS = 10; // fetched and painted together
/** CSS pixels. */
const GUTTER = 58;
const ROW = { least: 14, most: 44 };
const BUDGET_MS = 3;

export class Disclosure {
  /**
   * @param {object} parts
   * @param {import("./view.js").View} parts.view @param {import("./signal.js").Signal} parts.signal
   * @param {import("./beats.js").Beats} parts.beats @param {import("./rhythms.js").Rhythms} parts.rhythms
   * @param {import("./time.js").Clock} parts.clock
   * @param {() => import("./signal.js").Baseline | null} parts.baseline
   * @param {(time_s: number) => void} parts.jump @param {(text: string) => void} parts.say
   */
  constructor({ view, signal, beats, rhythms, clock, baseline, jump, say }) {
    this.view = view;
    this.signal = signal;
    this.beats = beats;
    this.rhythms = rhythms;
    this.clock = clock;
    this.baseline = baseline;
    this.jump = jump;
    this.say = say;
    this.pane = new Pane("disclosure", "Full disclosure, an hour", "Minutes of the hour");
    this.element = this.pane.element;
    this.element.hidden = true;
    this.ctx = /** @type {CanvasRenderingContext2D} */ (
      this.pane.canvas.getContext("2d", { alpha: false })
    );
    this.page = -1;
    this.minute = 0;
    this.followed_s = NaN;
    const { leads } = view.recording;
    const leading = leads.findIndex((one) => one.leading);
    this.lead = leads[Math.max(0, leading)]?.number ?? Math.max(0, leading);
    /** @type {import("./theme.js").Theme} */
    this.theme = {};
    /** @type {OffscreenCanvas | null} */
    this.picture = null;
    /** @type {Set<number>} */
    this.painted = new Set();
    const anew = () => this.anew();
    beats.addEventListener("loaded", anew);
    rhythms.addEventListener("loaded", anew);
    signal.addEventListener("loaded", () => this.request());
    signal.addEventListener("again", () => this.request());
    view.addEventListener("change", () => this.#follow());
    this.sized = new ResizeObserver(() => this.resize());
    this.sized.observe(this.element);
    this.pane.canvas.addEventListener("click", (event) => this.#click(event));
    this.pane.keys((event) => this.key(event));
  }

  /** @param {import("./theme.js").Theme} theme */
  dress(theme) {
    this.theme = theme;
    this.anew();
  }

  /** Show the hour of a time. @param {number} time_s */
  show(time_s) {
    this.element.hidden = false;
    this.followed_s = time_s;
    this.#turn(time_s);
  }

  hide() {
    this.element.hidden = true;
  }

  /** @param {number} lead */
  set_lead(lead) {
    this.lead = lead;
    this.anew();
  }

  anew() {
    this.painted.clear();
    this.picture = null;
    this.request();
  }

  /** @param {number} time_s */
  #turn(time_s) {
    const within = Math.max(0, Math.min(this.view.recording.duration_s - 0.001, time_s));
    const page = Math.floor((within + this.phase) / PAGE_S);
    if (page !== this.page) {
      this.page = page;
      this.resize();
      this.anew();
    }
    this.minute = Math.max(0, Math.min(this.rows - 1, Math.floor((within - this.start_s) / ROW_S)));
    this.#mirror();
    this.request();
    this.say(`${this.clock.text(this.start_s)} to ${this.clock.text(this.stop_s)} · a minute a row`);
  }

  /** Go where the strip goes: to another hour by a click on the day. */
  #follow() {
    if (this.element.hidden) return;
    const middle_s = this.view.start_s + this.view.span_s / 2;
    if (middle_s !== this.followed_s) this.#turn(middle_s);
    this.followed_s = middle_s;
    this.request();
  }

  /** Turn pages. @param {number} by */
  leaf(by) {
    this.#turn(this.start_s + (this.minute + 0.5) * ROW_S + by * PAGE_S);
  }

  /** Pages begin with the hours of the clock. */
  get phase() {
    return this.clock.phase(PAGE_S);
  }

  get start_s() {
    return Math.max(0, this.page * PAGE_S - this.phase);
  }

  get stop_s() {
    return Math.min(this.view.recording.duration_s, (this.page + 1) * PAGE_S - this.phase);
  }

  get rows() {
    return Math.max(1, Math.ceil((this.stop_s - this.start_s) / ROW_S));
  }

  get gutter() {
    return Math.round(GUTTER * this.view.dpr);
  }

  get row() {
    return this.pane.canvas.height / this.rows;
  }

  get px_per_s() {
    return (this.pane.canvas.width - this.gutter) / ROW_S;
  }

  resize() {
    if (this.element.hidden) return;
    this.element.style.minHeight = `${ROW.least * this.rows}px`;
    this.element.style.maxHeight = `${ROW.most * this.rows}px`;
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth) return;
    const dpr = window.devicePixelRatio || 1;
    const row = Math.max(ROW.least, Math.min(ROW.most, Math.floor(clientHeight / this.rows)));
    const { width, height } = this.pane.canvas;
    this.pane.fit(clientWidth, row * this.rows, dpr);
    if (this.pane.canvas.width !== width || this.pane.canvas.height !== height) this.anew();
  }

  request() {
    if (!this.element.hidden) this.pane.request(() => this.#draw());
  }

  /** @param {number} part */
  #wanted(part) {
    const { fs_hz, n_samples } = this.view.recording;
    const start = Math.round((this.start_s + part * PART_ROWS * ROW_S) * fs_hz);
    const columns = Math.round(PART_ROWS * ROW_S * this.px_per_s);
    const stop = Math.min(n_samples, Math.round(start + PART_ROWS * ROW_S * fs_hz));
    return { key: `hour ${this.lead} ${start} ${columns}`, start, stop, columns, leads: [this.lead] };
  }

  #draw() {
    if (this.element.hidden || !this.theme.paper || this.px_per_s <= 0) return;
    const began = performance.now();
    const { canvas } = this.pane;
    if (!this.picture) {
      this.picture = new OffscreenCanvas(canvas.width, canvas.height);
      paintGround(this);
      this.#mirror();
    }
    const parts = Math.ceil(this.rows / PART_ROWS);
    const wanted = Array.from({ length: parts }, (_, part) => this.#wanted(part));
    this.signal.want(wanted);
    this.beats.need(this.start_s, this.start_s + this.rows * ROW_S);
    let more = false;
    for (let row = 0; row < this.rows && this.baseline(); row += 1) {
      const stretch = this.signal.get(wanted[Math.floor(row / PART_ROWS)].key);
      if (this.painted.has(row) || !stretch) continue;
      more = performance.now() - began > BUDGET_MS;
      if (more) break;
      paintRow(this, stretch, row);
      this.painted.add(row);
    }
    this.ctx.drawImage(this.picture, 0, 0);
    this.#marks();
    this.element.toggleAttribute("data-drawn", this.painted.size === this.rows);
    if (more) this.request();
  }

  get inside() {
    const picture = /** @type {OffscreenCanvas} */ (this.picture);
    return /** @type {OffscreenCanvasRenderingContext2D} */ (picture.getContext("2d"));
  }

  /** Where the strip is, and the minute that keys go on from. */
  #marks() {
    const { ctx, row, gutter, view } = this;
    const u = view.dpr;
    ctx.strokeStyle = this.theme.accent;
    ctx.lineWidth = 2 * u;
    ctx.fillStyle = this.theme.accent;
    ctx.fillRect(0, this.minute * row, 3 * u, row);
    for (let i = 0; i < this.rows; i += 1) {
      const from_s = this.start_s + i * ROW_S;
      const x0 = Math.max(0, view.start_s - from_s) * this.px_per_s;
      const x1 = Math.min(ROW_S, view.stop_s - from_s) * this.px_per_s;
      if (x1 > x0) ctx.strokeRect(gutter + x0, i * row + u, x1 - x0, row - 2 * u);
    }
  }

  #mirror() {
    const { fs_hz } = this.view.recording;
    const table = this.beats.table(this.start_s, this.start_s + this.rows * ROW_S);
    const rows = Array.from({ length: this.rows }, (_, i) => {
      const from_s = this.start_s + i * ROW_S;
      const text = [this.clock.text(from_s)];
      if (table) {
        const [first, last] = [from_s, from_s + ROW_S].map((at) => lowerBound(table.samples, at * fs_hz));
        text.push(rowText(table, first, last));
      }
      const rhythm = this.rhythms.text(from_s, from_s + ROW_S);
      if (rhythm) text.push(rhythm);
      return { key: String(i), text: text.join(", "), selected: i === this.minute };
    });
    this.pane.mirror.update(rows, String(this.minute), "nothing here");
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const box = this.pane.canvas.getBoundingClientRect();
    const u = this.view.dpr;
    const row = Math.floor(((event.clientY - box.top) * u) / this.row);
    const x = Math.max(0, (event.clientX - box.left) * u - this.gutter);
    this.jump(this.start_s + Math.max(0, Math.min(this.rows - 1, row)) * ROW_S + x / this.px_per_s);
  }

  /** @param {KeyboardEvent} event @returns {boolean} Whether it was one of these. */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const at = this.start_s + (this.minute + 0.5) * ROW_S;
    const to = {
      ArrowUp: at - ROW_S, ArrowDown: at + ROW_S, ArrowLeft: at - ROW_S, ArrowRight: at + ROW_S,
      PageUp: at - PAGE_S, PageDown: at + PAGE_S, Home: 0, End: this.view.recording.duration_s,
    }[event.key];
    if (event.key === "Enter") this.jump(at);
    else if (event.key === "Escape" || event.key.toLowerCase() === "d") this.jump(NaN);
    else if (to !== undefined) this.#turn(to);
    else return false;
    return true;
  }

  destroy() {
    this.sized.disconnect();
  }
}
