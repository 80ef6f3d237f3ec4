// Full disclosure: an hour a page, a minute a row, ectopic beats in their colour; a click jumps.

import { LETTERS, lowerBound } from "./beats.js";
import { rowText } from "./day.js";
import { Pane } from "./mirror.js";
import { hatch, traceLead } from "./paint.js";
import { faint } from "./theme.js";

const ROW_S = 60;
const ROWS = 60;
const PART_ROWS = 10; // fetched and painted together
/** CSS pixels. */
const GUTTER = 76;
const ROW = { least: 14, most: 44 };
const AROUND_S = [0.25, 0.35]; // of an ectopic beat that is drawn in its colour
const USUAL_MV = 1.5;
const BUDGET_MS = 5;

export class Disclosure {
  /**
   * @param {object} parts
   * @param {import("./view.js").View} parts.view @param {import("./signal.js").Signal} parts.signal
   * @param {import("./beats.js").Beats} parts.beats @param {import("./rhythms.js").Rhythms} parts.rhythms
   * @param {import("./time.js").Clock} parts.clock
   * @param {() => import("./signal.js").Baseline | null} parts.baseline
   * @param {(time_s: number) => void} parts.jump
   */
  constructor({ view, signal, beats, rhythms, clock, baseline, jump }) {
    this.view = view;
    this.signal = signal;
    this.beats = beats;
    this.rhythms = rhythms;
    this.clock = clock;
    this.baseline = baseline;
    this.jump = jump;
    this.pane = new Pane("disclosure", "Full disclosure, an hour", "Minutes of the hour");
    this.element = this.pane.element;
    this.element.hidden = true;
    this.ctx = /** @type {CanvasRenderingContext2D} */ (
      this.pane.canvas.getContext("2d", { alpha: false })
    );
    this.hour = 0;
    this.minute = 0;
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
    signal.addEventListener("failed", () => this.request());
    view.addEventListener("change", () => this.request());
    this.sized = new ResizeObserver(() => this.resize());
    this.sized.observe(this.element);
    this.pane.canvas.addEventListener("click", (event) => this.#click(event));
    this.pane.mirror.element.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {import("./theme.js").Theme} theme */
  dress(theme) {
    this.theme = theme;
    this.anew();
  }

  /** Show the hour of a time. @param {number} time_s */
  show(time_s) {
    this.element.hidden = false;
    this.#turn(Math.floor(time_s / ROW_S / ROWS), Math.floor(time_s / ROW_S) % ROWS);
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

  /** @param {number} hour @param {number} minute */
  #turn(hour, minute) {
    const last = Math.max(0, Math.ceil(this.view.recording.duration_s / ROW_S / ROWS) - 1);
    const to = Math.max(0, Math.min(last, hour));
    if (to !== this.hour) this.anew();
    this.hour = to;
    this.minute = Math.max(0, Math.min(this.rows - 1, minute));
    this.resize();
  }

  get start_s() {
    return this.hour * ROWS * ROW_S;
  }

  get rows() {
    const left_s = this.view.recording.duration_s - this.start_s;
    return Math.max(1, Math.min(ROWS, Math.ceil(left_s / ROW_S)));
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
    const { clientWidth, clientHeight } = this.element;
    if (this.element.hidden || !clientWidth) return;
    const dpr = window.devicePixelRatio || 1;
    const row = Math.max(ROW.least, Math.min(ROW.most, Math.floor(clientHeight / this.rows)));
    this.element.style.minHeight = `${row * this.rows}px`;
    this.pane.fit(clientWidth, row * this.rows, dpr);
    this.anew();
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
      this.#ground();
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
      this.#paint(stretch, row);
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

  /** What is under the traces: times, rhythm as a tint of the gutter, what is left out. */
  #ground() {
    const { inside: ctx, theme, row, gutter } = this;
    const u = this.view.dpr;
    ctx.fillStyle = theme.plate;
    ctx.fillRect(0, 0, ctx.canvas.width, ctx.canvas.height);
    ctx.font = `${11 * u}px system-ui, sans-serif`;
    ctx.textBaseline = "middle";
    for (let i = 0; i < this.rows; i += 1) {
      const from_s = this.start_s + i * ROW_S;
      ctx.fillStyle = theme.line;
      ctx.fillRect(0, Math.round(i * row), ctx.canvas.width, Math.ceil(u / 2));
      ctx.fillStyle = theme.soft;
      ctx.fillText(this.clock.text(from_s), 5 * u, (i + 0.5) * row, gutter - 8 * u);
      for (const span of this.rhythms.between(from_s, from_s + ROW_S)) {
        const x0 = Math.max(0, span.start_s - from_s) * this.px_per_s;
        const x1 = Math.min(ROW_S, span.stop_s - from_s) * this.px_per_s;
        ctx.fillStyle = faint(theme[`rhythm-${span.kind}`] ?? theme["rhythm-other"], 0.9);
        ctx.fillRect(gutter + x0, (i + 1) * row - 2 * u, x1 - x0, 2 * u);
      }
    }
    const lines = hatch(ctx, Math.round(8 * u), 1.5 * u, faint(theme.artefact, 0.6));
    const { fs_hz } = this.view.recording;
    for (const [start, stop] of this.rhythms.artefacts) {
      for (let i = 0; i < this.rows; i += 1) {
        const from_s = this.start_s + i * ROW_S;
        const x0 = Math.max(0, start / fs_hz - from_s) * this.px_per_s;
        const x1 = Math.min(ROW_S, stop / fs_hz - from_s) * this.px_per_s;
        if (x1 <= x0) continue;
        ctx.fillStyle = lines;
        ctx.fillRect(gutter + x0, i * row, x1 - x0, row);
      }
    }
  }

  /** @param {import("./signal.js").Stretch} stretch @param {number} row */
  #paint(stretch, row) {
    const { inside: ctx, theme, gutter, px_per_s } = this;
    const u = this.view.dpr;
    const { fs_hz, leads } = this.view.recording;
    const from_s = this.start_s + row * ROW_S;
    const lead = leads.find((one, i) => (one.number ?? i) === this.lead);
    const per_mv = (1.1 * this.row) / Math.max(0.4, lead?.amplitude_mv || USUAL_MV);
    const base = /** @type {import("./signal.js").Baseline} */ (this.baseline());
    const y0 = (row + 0.55) * this.row + base.at(this.lead, from_s + ROW_S / 2) * per_mv;
    /** @param {number} sample */
    const x_of = (sample) => gutter + (sample / fs_hz - from_s) * px_per_s;
    /** @param {number} begin_s @param {number} end_s @param {string} colour */
    const trace = (begin_s, end_s, colour) => {
      const bin = (/** @type {number} */ at) => (at * fs_hz - stretch.start) / stretch.per_bin;
      const first = Math.max(0, Math.floor(bin(Math.max(begin_s, from_s))));
      const last = Math.min(stretch.bins, Math.ceil(bin(Math.min(end_s, from_s + ROW_S))));
      if (first >= last) return;
      ctx.strokeStyle = colour;
      ctx.beginPath();
      traceLead(ctx, stretch, 0, x_of, y0, per_mv, first, last);
      ctx.stroke();
    };
    ctx.lineWidth = u;
    ctx.lineJoin = "bevel";
    trace(from_s, from_s + ROW_S, theme.ink);
    const table = this.beats.table(from_s, from_s + ROW_S);
    if (!table) return;
    ctx.lineWidth = 1.5 * u;
    ctx.font = `700 ${9 * u}px system-ui, sans-serif`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    let free = -Infinity;
    let i = lowerBound(table.samples, from_s * fs_hz);
    for (; i < table.samples.length && table.samples[i] < (from_s + ROW_S) * fs_hz; i += 1) {
      const letter = LETTERS[table.classes[i]];
      if (letter === "N") continue;
      const at = table.samples[i] / fs_hz;
      trace(at - AROUND_S[0], at + AROUND_S[1], theme[letter]);
      const x = x_of(table.samples[i]);
      if (x - 5 * u < free) continue;
      free = x + 5 * u;
      ctx.fillStyle = theme.plate;
      ctx.fillRect(x - 4 * u, row * this.row + u, 8 * u, 9 * u);
      ctx.fillStyle = theme.ink;
      ctx.fillText(letter, x, row * this.row + 6 * u);
    }
    ctx.textAlign = "left";
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

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { hour, minute } = this;
    const at = hour * ROWS + minute;
    const last = Math.ceil(this.view.recording.duration_s / ROW_S) - 1;
    const to = {
      ArrowUp: at - 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowRight: at + 1,
      PageUp: at - ROWS, PageDown: at + ROWS, Home: hour * ROWS, End: hour * ROWS + ROWS - 1,
    }[event.key];
    if (event.key === "Enter") this.jump(this.start_s + minute * ROW_S + ROW_S / 2);
    else if (event.key === "Escape" || event.key.toLowerCase() === "d") this.jump(NaN);
    else if (to !== undefined) this.show(Math.max(0, Math.min(last, to)) * ROW_S);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  destroy() {
    this.sized.disconnect();
  }
}
