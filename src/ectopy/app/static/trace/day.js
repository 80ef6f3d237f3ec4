// The whole recording: heart rate, and the rhythm as a band below; a click jumps there.

import { lowerBound } from "./beats.js";
import { Pane } from "./mirror.js";
import { BandBrush } from "./rhythms.js";
import { faint } from "./theme.js";
import { paintTrend, rowText } from "./trend.js";

/** CSS pixels. */
const HEIGHT = 96;
const TICKS = 16;
const ECTOPY = 10;
const BAND = 20;
const GUTTER = 58;
const LEAST_PX = 2; // of a rhythm, however short
const TICKS_S = [30, 60, 300, 600, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
const ROWS_S = [60, 300, 600, 1800, 3600, 7200];
const MOST_ROWS = 200;

export class Day {
  /**
   * @param {object} parts
   * @param {import("./view.js").View} parts.view @param {import("./beats.js").Beats} parts.beats
   * @param {import("./rhythms.js").Rhythms} parts.rhythms @param {import("./time.js").Clock} parts.clock
   */
  constructor({ view, beats, rhythms, clock }) {
    this.view = view;
    this.beats = beats;
    this.rhythms = rhythms;
    this.clock = clock;
    this.pane = new Pane("day", "Heart rate and rhythm of the recording", "The recording by time");
    this.element = this.pane.element;
    this.ctx = /** @type {CanvasRenderingContext2D} */ (
      this.pane.canvas.getContext("2d", { alpha: false })
    );
    /** @type {import("./theme.js").Theme} */
    this.theme = {};
    /** @type {OffscreenCanvas | null} All but the mark of the strip. */
    this.picture = null;
    const anew = () => {
      this.picture = null;
      this.request();
    };
    beats.addEventListener("all", anew);
    rhythms.addEventListener("loaded", anew);
    view.addEventListener("change", () => this.request());
    this.sized = new ResizeObserver(() => this.resize());
    this.sized.observe(this.element);
    const { canvas } = this.pane;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#jump(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) this.#jump(event);
    });
    this.pane.keys((event) => this.key(event));
  }

  /** @param {import("./theme.js").Theme} theme */
  dress(theme) {
    this.theme = theme;
    this.picture = null;
    this.request();
  }

  resize() {
    const { clientWidth } = this.element;
    if (!clientWidth) return;
    this.pane.fit(clientWidth, HEIGHT, window.devicePixelRatio || 1);
    this.picture = null;
    this.request();
  }

  request() {
    this.pane.request(() => this.#draw());
  }

  get gutter() {
    return Math.round(GUTTER * this.view.dpr);
  }

  get width() {
    return this.pane.canvas.width - this.gutter;
  }

  /** @param {number} time_s */
  x_of(time_s) {
    return this.gutter + (time_s / this.view.recording.duration_s) * this.width;
  }

  /** @param {PointerEvent} event */
  #jump(event) {
    const box = this.pane.canvas.getBoundingClientRect();
    const x = (event.clientX - box.left) * this.view.dpr - this.gutter;
    if (x >= 0) this.view.centre((x / this.width) * this.view.recording.duration_s);
  }

  #draw() {
    if (!this.theme.paper || this.width < 2) return;
    const { ctx, view } = this;
    if (!this.picture) {
      this.picture = new OffscreenCanvas(this.pane.canvas.width, this.pane.canvas.height);
      const inside = /** @type {OffscreenCanvasRenderingContext2D} */ (this.picture.getContext("2d"));
      this.#paint(inside);
      this.#mirror();
    }
    ctx.drawImage(this.picture, 0, 0);
    const u = view.dpr;
    const x0 = this.x_of(view.start_s);
    const x1 = this.x_of(Math.min(view.stop_s, view.recording.duration_s));
    const [left, width] = [Math.round(x0 - u), Math.max(3 * u, Math.round(x1 - x0 + 2 * u))];
    ctx.fillStyle = faint(this.theme.accent, 0.25);
    ctx.fillRect(left, 0, width, ctx.canvas.height);
    ctx.fillStyle = this.theme.accent;
    ctx.fillRect(left, 0, width, 3 * u);
    ctx.fillRect(left, ctx.canvas.height - 3 * u, width, 3 * u);
    const { row_s } = this;
    this.pane.mirror.update(this.rows ?? [], String(Math.floor(view.start_s / row_s)), "loading");
  }

  /** @param {OffscreenCanvasRenderingContext2D} ctx */
  #paint(ctx) {
    const { theme } = this;
    const u = this.view.dpr;
    ctx.fillStyle = theme.plate;
    ctx.fillRect(0, 0, ctx.canvas.width, ctx.canvas.height);
    const bottom = ctx.canvas.height - (BAND + ECTOPY) * u;
    const top = TICKS * u;
    this.#ticks(ctx, u);
    const table = this.beats.all;
    if (table) paintTrend(ctx, this, table, { top, bottom, ectopy: ECTOPY * u });
    else ctx.fillText("the beats are being loaded", this.gutter + 8 * u, (top + bottom) / 2);
    this.#band(ctx, u);
    ctx.fillStyle = theme.soft;
    ctx.font = `${10 * u}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.fillText("1/min", 5 * u, top / 2);
    ctx.fillText("V, S", 5 * u, bottom + (ECTOPY / 2) * u);
    ctx.fillText("rhythm", 5 * u, ctx.canvas.height - (BAND / 2) * u);
  }

  /** @param {OffscreenCanvasRenderingContext2D} ctx @param {number} u */
  #ticks(ctx, u) {
    const { duration_s } = this.view.recording;
    const step = TICKS_S.find((one) => (one / duration_s) * this.width > 70 * u) ?? 172_800;
    const phase = this.clock.phase(step);
    ctx.fillStyle = this.theme.soft;
    ctx.font = `${11 * u}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    for (let at = phase ? step - phase : 0; at < duration_s; at += step) {
      const x = Math.round(this.x_of(at));
      ctx.fillRect(x, 0, Math.ceil(u), TICKS * u);
      const clock = this.clock.text(at);
      const text = step < 60 ? clock : clock.replace(/^(\d+:\d+):\d+/, "$1");
      if (x + ctx.measureText(text).width + 4 * u < ctx.canvas.width) {
        ctx.fillText(text, x + 4 * u, (TICKS / 2) * u);
      }
    }
  }

  /** @param {OffscreenCanvasRenderingContext2D} ctx @param {number} u */
  #band(ctx, u) {
    const brush = new BandBrush(this.theme, u);
    const top = ctx.canvas.height - BAND * u;
    // What matters most is drawn last: two pixels of fibrillation are not painted over.
    const spans = [...this.rhythms.spans].sort(
      (a, b) => this.rhythms.rank(a.kind) - this.rhythms.rank(b.kind),
    );
    for (const span of spans) {
      const x = this.x_of(span.start_s);
      const width = Math.max(LEAST_PX * u, this.x_of(span.stop_s) - x);
      brush.draw(ctx, span.kind, x, top, width, BAND * u);
    }
  }

  /** Seconds of a row of the list. */
  get row_s() {
    const { duration_s } = this.view.recording;
    return ROWS_S.find((one) => duration_s / one <= (one < 3600 ? 60 : MOST_ROWS)) ?? 14_400;
  }

  /** Work out what the list tells. */
  #mirror() {
    const table = this.beats.all;
    if (!table) return;
    const { row_s } = this;
    const { duration_s, fs_hz } = this.view.recording;
    this.rows = [];
    for (let from_s = 0; from_s < duration_s; from_s += row_s) {
      const to_s = Math.min(from_s + row_s, duration_s);
      const [first, last] = [from_s, to_s].map((at) => lowerBound(table.samples, at * fs_hz));
      const text = [`${this.clock.text(from_s)} to ${this.clock.text(to_s)}`, rowText(table, first, last)];
      const rhythm = this.rhythms.text(from_s, to_s);
      if (rhythm) text.push(rhythm);
      this.rows.push({ key: String(from_s / row_s), text: text.join(", "), selected: false });
    }
  }

  /** @param {KeyboardEvent} event @returns {boolean} Whether it was one of these. */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const { row_s } = this;
    const { duration_s } = this.view.recording;
    const now = Math.floor(this.view.start_s / row_s);
    const rows = Math.max(1, Math.ceil(duration_s / row_s));
    const many = Math.max(2, Math.round(rows / 10));
    const to = {
      ArrowUp: now - 1, ArrowLeft: now - 1, ArrowDown: now + 1, ArrowRight: now + 1,
      PageUp: now - many, PageDown: now + many, Home: 0, End: rows - 1,
    }[event.key];
    if (to === undefined) return false;
    this.view.move_to(Math.max(0, Math.min(rows - 1, to)) * row_s);
    return true;
  }

  destroy() {
    this.sized.disconnect();
  }
}
