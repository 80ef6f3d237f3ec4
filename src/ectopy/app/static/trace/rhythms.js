// The course of rhythms: what is when, and how its band looks (colour, letters and pattern).

import { Again } from "./again.js";
import { faint, textOn } from "./theme.js";

/** Letters and pattern of each kind, by the keys of the service. */
const LOOKS = /** @type {Record<string, [string, string]>} */ ({
  none: ["–", "sparse"],
  other: ["?", "plain"],
  sinus: ["SR", "plain"],
  brady: ["SB", "level"],
  tachy: ["ST", "upright"],
  t: ["TRI", "dots"],
  b: ["BI", "dots"],
  ab: ["AB", "dots"],
  ivr: ["IVR", "upright"],
  svt: ["SVT", "upright"],
  af: ["AF", "slanted"],
  paced: ["P", "level"],
  vt: ["VT", "crossed"],
  vf: ["VF", "crossed"],
});

/** @typedef {{kind: string, start_s: number, stop_s: number, probability: number | null}} Span */

/** The rhythms and artefacts of one recording; it sends `loaded`. */
export class Rhythms extends EventTarget {
  /** @param {{get: Function}} api */
  constructor(api) {
    super();
    this.api = api;
    /** @type {Span[]} */
    this.spans = [];
    /** @type {Map<string, {title: string, rank: number, seconds: number}>} */
    this.kinds = new Map();
    /** @type {[number, number][]} Stretches that readers left out, in samples. */
    this.artefacts = [];
    this.asked = 0;
    this.again = new Again();
  }

  async load() {
    const asked = ++this.asked;
    try {
      const told = await this.api.get("rhythm");
      if (asked !== this.asked) return;
      this.spans = told.spans;
      this.artefacts = told.artefacts;
      this.kinds = new Map(
        told.kinds.map((/** @type {any} */ one, /** @type {number} */ rank) => [
          one.kind,
          { title: one.title, rank, seconds: one.seconds },
        ]),
      );
    } catch {
      // What is wrong is told by the beats, which are asked for at the same time.
      this.again.after("rhythm", () => asked === this.asked && this.load());
      return;
    }
    this.again.well();
    this.dispatchEvent(new Event("loaded"));
  }

  /** Spans that touch a stretch. @param {number} from_s @param {number} to_s */
  between(from_s, to_s) {
    let low = 0;
    let high = this.spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.spans[middle].stop_s <= from_s) low = middle + 1;
      else high = middle;
    }
    const found = [];
    for (; low < this.spans.length && this.spans[low].start_s < to_s; low += 1) {
      found.push(this.spans[low]);
    }
    return found;
  }

  /** Names of what is in a stretch, as text. @param {number} from_s @param {number} to_s */
  text(from_s, to_s) {
    const names = this.between(from_s, to_s).map((span) => this.title(span.kind));
    return [...new Set(names)].join(", then ");
  }

  /** @param {string} kind */
  title(kind) {
    return this.kinds.get(kind)?.title ?? kind;
  }

  /** Place in the order of importance. @param {string} kind */
  rank(kind) {
    return this.kinds.get(kind)?.rank ?? 0;
  }
}

/** @param {string} kind */
export const letters = (kind) => (LOOKS[kind] ?? [kind.toUpperCase()])[0];

/** Draws bands; patterns are made once a theme. */
export class BandBrush {
  /** @param {import("./theme.js").Theme} theme @param {number} dpr */
  constructor(theme, dpr) {
    this.theme = theme;
    this.dpr = dpr;
    /** @type {Map<string, CanvasPattern | null>} */
    this.patterns = new Map();
  }

  /** @param {string} kind */
  colour(kind) {
    return this.theme[`rhythm-${kind}`] ?? this.theme["rhythm-other"];
  }

  /**
   * Draw a stretch of one rhythm.
   * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} ctx
   * @param {string} kind
   * @param {number} x @param {number} y @param {number} width @param {number} height
   * @param {number} least Where its letters may begin: they stay in view.
   */
  draw(ctx, kind, x, y, width, height, least = x) {
    const colour = this.colour(kind);
    ctx.fillStyle = colour;
    ctx.fillRect(x, y, width, height);
    const pattern = this.#pattern(kind, colour);
    if (pattern) {
      ctx.fillStyle = pattern;
      ctx.fillRect(x, y, width, height);
    }
    const begin = Math.max(x, least);
    const room = x + width - begin;
    const text = letters(kind);
    ctx.font = `600 ${11 * this.dpr}px system-ui, sans-serif`;
    const needed = ctx.measureText(text).width + 6 * this.dpr;
    if (room < needed) return;
    ctx.fillStyle = colour; // a plate under the letters, so that no pattern crosses them
    ctx.fillRect(begin, y, needed, height);
    ctx.fillStyle = textOn(colour);
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.fillText(text, begin + 3 * this.dpr, y + height / 2 + 0.5 * this.dpr);
  }

  /** @param {string} kind @param {string} colour */
  #pattern(kind, colour) {
    const look = (LOOKS[kind] ?? ["", "plain"])[1];
    if (look === "plain") return null;
    if (!this.patterns.has(kind)) {
      const size = Math.round(8 * this.dpr);
      const canvas = new OffscreenCanvas(size, size);
      const ctx = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
      ctx.strokeStyle = ctx.fillStyle = faint(textOn(colour) === "#ffffff" ? "rgb(255,255,255)" : "rgb(0,0,0)", 0.35);
      ctx.lineWidth = this.dpr;
      ctx.beginPath();
      if (look === "level") line(ctx, 0, size / 2, size, size / 2);
      if (look === "upright") line(ctx, size / 2, 0, size / 2, size);
      if (look === "slanted" || look === "crossed") {
        for (const shift of [-size, 0, size]) line(ctx, shift, size, shift + size, 0);
      }
      if (look === "crossed") {
        for (const shift of [-size, 0, size]) line(ctx, shift, 0, shift + size, size);
      }
      if (look === "sparse") line(ctx, 0, size, size, 0);
      ctx.stroke();
      if (look === "dots") ctx.fillRect(size / 2 - this.dpr, size / 2 - this.dpr, 2 * this.dpr, 2 * this.dpr);
      this.patterns.set(kind, ctx.createPattern(canvas, "repeat"));
    }
    return this.patterns.get(kind);
  }
}

/**
 * @param {OffscreenCanvasRenderingContext2D} ctx
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1
 */
function line(ctx, x0, y0, x1, y1) {
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
}
