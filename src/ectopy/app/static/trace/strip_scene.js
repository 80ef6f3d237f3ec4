// Draws one frame of the strip: paper, traces, labels above the R peaks, rhythm below.

import { drawCalipers } from "./calipers.js";
import { hatch, paper } from "./paint.js";
import { BandBrush } from "./rhythms.js";
import { INTERVALS, LABELS, RULER, drawLabels } from "./strip_labels.js";
import { faint } from "./theme.js";

/** CSS pixels. */
const BAND = 20;
const GUTTER = 58;
const ROW = { least: 26, usual: 120, most: 220 };
const PAPER = 480; // of all leads together, where the page leaves it open
const BUDGET_MS = 3; // for painting tiles, one lead at least; the rest of a frame takes 1 to 2 ms
const TICKS_S = [0.2, 1, 2, 5, 10, 30, 60];

export class StripScene {
  /**
   * @param {import("./view.js").View} view @param {import("./tiles.js").Tiles} tiles
   * @param {import("./beats.js").Beats} beats @param {import("./rhythms.js").Rhythms} rhythms
   * @param {import("./time.js").Clock} clock
   */
  constructor(view, tiles, beats, rhythms, clock) {
    this.view = view;
    this.tiles = tiles;
    this.beats = beats;
    this.rhythms = rhythms;
    this.clock = clock;
    /** @type {import("./theme.js").Theme} */
    this.theme = {};
    this.width = 0;
    this.height = 0;
    this.grid = "";
    /** @type {CanvasPattern | null} */
    this.paper = null;
    /** @type {CanvasPattern | null} */
    this.hatch = null;
    /** @type {BandBrush | null} */
    this.brush = null;
    /** Where the labels of the frame are, for whoever points at them. @type {import("./strip_labels.js").Label[]} */
    this.drawn = [];
  }

  /** @param {import("./theme.js").Theme} theme */
  dress(theme) {
    this.theme = theme;
    this.grid = "";
    this.tiles.painted.clear();
  }

  /** CSS pixels that so many leads need at least. @param {number} leads */
  static least(leads) {
    return RULER + LABELS + INTERVALS + BAND + leads * ROW.least;
  }

  /** CSS pixels that so many leads take where the page leaves it open. @param {number} leads */
  static usual(leads) {
    return StripScene.least(0) + Math.max(leads * ROW.least, Math.min(PAPER, leads * ROW.usual));
  }

  /** CSS pixels that so many leads can use. @param {number} leads */
  static most(leads) {
    return StripScene.least(0) + Math.max(PAPER, leads * ROW.most);
  }

  get gutter() {
    return Math.round(GUTTER * this.view.dpr);
  }

  /** Top and height of the leads, in device pixels. */
  get leads() {
    const u = this.view.dpr;
    const top = Math.round((RULER + LABELS + INTERVALS) * u);
    const bottom = this.height - Math.round(BAND * u);
    return { top, bottom, row: (bottom - top) / this.view.leads.length };
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @returns {{whole: boolean, more: boolean}} See `Tiles.draw`.
   */
  draw(ctx) {
    const began = performance.now();
    const { view, theme, gutter } = this;
    const { top, bottom, row } = this.leads;
    const u = view.dpr;
    this.#tools(ctx);
    ctx.fillStyle = theme.plate;
    ctx.fillRect(0, 0, this.width, this.height);
    ctx.save();
    ctx.beginPath();
    ctx.rect(gutter, 0, this.width - gutter, this.height);
    ctx.clip();
    const shift = view.left_px % (5 * view.mm);
    ctx.translate(gutter - shift, top);
    ctx.fillStyle = /** @type {CanvasPattern} */ (this.paper);
    const recorded = Math.min(this.width - gutter, view.x_of(view.recording.duration_s));
    ctx.fillRect(0, 0, recorded + shift, bottom - top);
    ctx.translate(shift - gutter, -top);
    this.#stretches(ctx, top, bottom);
    const done = this.tiles.draw(
      ctx, gutter, top, row, theme.ink, () => performance.now() - began < BUDGET_MS,
    );
    this.#ruler(ctx, u);
    this.drawn = drawLabels(ctx, this);
    this.#band(ctx, bottom);
    ctx.restore();
    this.#gutter(ctx, u, top, row);
    const place = { gutter, top, bottom, width: this.width };
    drawCalipers(ctx, view, place, theme.caliper, theme.plate);
    return done;
  }

  /** Make again what depends on theme and resolution. @param {CanvasRenderingContext2D} ctx */
  #tools(ctx) {
    const wanted = `${this.view.mm} ${this.view.dpr}`;
    if (this.grid === wanted) return;
    this.grid = wanted;
    const u = this.view.dpr;
    this.paper = paper(ctx, this.view.mm, Math.max(1, Math.floor(u)), this.theme);
    this.hatch = hatch(ctx, Math.round(8 * u), 1.5 * u, faint(this.theme.artefact, 0.75));
    this.brush = new BandBrush(this.theme, u);
  }

  /** Artefacts, and what is being dragged over. @param {CanvasRenderingContext2D} ctx @param {number} top @param {number} bottom */
  #stretches(ctx, top, bottom) {
    const { view, gutter } = this;
    const { fs_hz } = view.recording;
    for (const [start, stop] of this.rhythms.artefacts) {
      const [x0, x1] = [gutter + view.x_of(start / fs_hz), gutter + view.x_of(stop / fs_hz)];
      if (x1 < gutter || x0 > this.width) continue;
      ctx.fillStyle = faint(this.theme.artefact, 0.12);
      ctx.fillRect(x0, top, x1 - x0, bottom - top);
      ctx.fillStyle = /** @type {CanvasPattern} */ (this.hatch);
      ctx.fillRect(x0, top, x1 - x0, bottom - top);
    }
    if (view.drag) {
      const x0 = gutter + view.x_of(view.drag.start_s);
      const x1 = gutter + view.x_of(view.drag.stop_s);
      ctx.fillStyle = faint(view.mode === "artefact" ? this.theme.artefact : this.theme.accent, 0.22);
      ctx.fillRect(Math.min(x0, x1), top, Math.abs(x1 - x0), bottom - top);
    }
    if (view.cursor_s !== null) {
      ctx.fillStyle = this.theme.accent;
      ctx.fillRect(Math.round(gutter + view.x_of(view.cursor_s)), top, Math.ceil(view.dpr), bottom - top);
    }
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number} u */
  #ruler(ctx, u) {
    const { view, gutter } = this;
    const step = TICKS_S.find((one) => one * view.px_per_s > 78 * u) ?? 120;
    const phase = this.clock.phase(step);
    ctx.fillStyle = ctx.strokeStyle = this.theme.soft;
    ctx.font = `${11 * u}px system-ui, sans-serif`;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    const first = Math.ceil((view.start_s + phase) / step) * step - phase;
    for (let i = 0, at = first - step; at < view.stop_s; i += 1, at = first + (i - 1) * step) {
      if (at < 0 || at > view.recording.duration_s) continue;
      const x = Math.round(gutter + view.x_of(at));
      ctx.fillRect(x, 2 * u, Math.ceil(u), (RULER - 4) * u);
      ctx.fillText(this.clock.time(at, step < 1 ? 1 : 0), x + 4 * u, (RULER / 2) * u);
    }
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number} bottom */
  #band(ctx, bottom) {
    const { view, gutter } = this;
    for (const span of this.rhythms.between(view.start_s, view.stop_s)) {
      const x0 = Math.max(gutter - 20, gutter + view.x_of(span.start_s));
      const x1 = Math.min(this.width + 20, gutter + view.x_of(span.stop_s));
      const height = this.height - bottom;
      /** @type {BandBrush} */ (this.brush).draw(ctx, span.kind, x0, bottom, x1 - x0, height, gutter);
    }
  }

  /** Names of the leads, each with a pulse of 1 mV. @param {CanvasRenderingContext2D} ctx @param {number} u @param {number} top @param {number} row */
  #gutter(ctx, u, top, row) {
    const { view, theme, gutter } = this;
    ctx.strokeStyle = theme.ink;
    ctx.fillStyle = theme.ink;
    ctx.font = `600 ${12 * u}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.lineWidth = 1.2 * u;
    view.leads.forEach((lead, i) => {
      const y = top + (i + 0.5) * row;
      const name = view.recording.leads.find((one, j) => (one.number ?? j) === lead)?.name ?? "";
      ctx.fillText(name, 5 * u, y, gutter - 26 * u);
      const height = Math.min(view.px_per_mv, row * 0.9);
      const right = gutter - 3 * u;
      ctx.beginPath();
      ctx.moveTo(right - 16 * u, y + height / 2);
      ctx.lineTo(right - 12 * u, y + height / 2);
      ctx.lineTo(right - 12 * u, y - height / 2);
      ctx.lineTo(right - 4 * u, y - height / 2);
      ctx.lineTo(right - 4 * u, y + height / 2);
      ctx.lineTo(right, y + height / 2);
      if (height === view.px_per_mv) ctx.stroke(); // one that is cut would be a wrong scale
    });
    ctx.font = `${10 * u}px system-ui, sans-serif`;
    ctx.fillStyle = theme.soft;
    ctx.fillText(this.clock.day(view.start_s), 5 * u, (RULER / 2) * u);
    ctx.fillText("rhythm", 5 * u, this.height - (BAND / 2) * u);
    ctx.fillText("RR ms", 5 * u, (RULER + LABELS + INTERVALS / 2) * u);
  }
}
