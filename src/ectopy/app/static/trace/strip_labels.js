// Labels above the strip: a letter at each R peak, the intervals between them.

import { LETTERS, STATED, UNCERTAIN, lowerBound } from "./beats.js";
import { faint, textOn } from "./theme.js";

/** CSS pixels, from the top: times, letters, intervals. */
export const RULER = 18;
export const LABELS = 22;
export const INTERVALS = 14;
const SIZE = 18;
const TICK = 4; // into the paper
const SHADE_S = 0.12; // to each side of a beat that is selected

/**
 * A label as it was drawn.
 * @typedef {object} Label
 * @property {number} sample Of the R peak.
 * @property {number} x CSS pixels from the gutter.
 * @property {string} letter @property {boolean} uncertain @property {boolean} selected
 */

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./strip_scene.js").StripScene} scene
 * @returns {Label[]} Those in view.
 */
export function drawLabels(ctx, scene) {
  const { view, gutter, theme } = scene;
  const { top, bottom } = scene.leads;
  const u = view.dpr;
  const { fs_hz } = view.recording;
  const middle = (RULER + LABELS / 2) * u;
  const table = scene.beats.table(view.start_s, view.stop_s);
  if (!table) {
    ctx.fillStyle = theme.soft;
    ctx.fillText("the labels are being loaded", gutter + 8 * u, middle);
    return [];
  }
  const drawn = [];
  const size = SIZE * u;
  let free = -Infinity; // where the last letter ends: letters never lie upon one another
  let i = lowerBound(table.samples, (view.start_s - 1) * fs_hz);
  for (; i < table.samples.length && table.samples[i] <= (view.stop_s + 1) * fs_hz; i += 1) {
    const sample = table.samples[i];
    const x = Math.round(gutter + view.x_of(sample / fs_hz));
    const letter = LETTERS[table.classes[i]];
    const uncertain = (table.flags[i] & UNCERTAIN) > 0;
    const selected = view.selected.has(sample);
    if (selected) {
      ctx.fillStyle = faint(theme.accent, 0.16);
      const half = SHADE_S * view.px_per_s;
      ctx.fillRect(x - half, top, 2 * half, bottom - top);
    }
    const width = uncertain ? size + 6 * u : size;
    ctx.fillStyle = theme[letter];
    ctx.fillRect(x, (RULER + LABELS) * u, Math.ceil(u), (INTERVALS + TICK) * u);
    if (x - width / 2 > free || selected) {
      plate(ctx, scene, x, middle, width, letter, uncertain, selected);
      if (table.flags[i] & STATED) ctx.fillRect(x - 3 * u, middle + size / 2 + u, 6 * u, 2 * u);
      free = x + width / 2;
    }
    if (sample === view.active) {
      ctx.fillStyle = theme.accent;
      ctx.fillRect(x - size / 2, (RULER - 2) * u, size, 2 * u);
    }
    interval(ctx, scene, x, table.rr_s[i]);
    if (x >= gutter && x <= scene.width) {
      drawn.push({ sample, x: (x - gutter) / u, letter, uncertain, selected });
    }
  }
  return drawn;
}

/**
 * A filled plate with the letter; an open one with a question mark where it is uncertain.
 * @param {CanvasRenderingContext2D} ctx @param {import("./strip_scene.js").StripScene} scene
 * @param {number} x @param {number} y @param {number} width @param {string} letter
 * @param {boolean} uncertain @param {boolean} selected
 */
function plate(ctx, { view, theme }, x, y, width, letter, uncertain, selected) {
  const u = view.dpr;
  const colour = theme[letter];
  const height = SIZE * u;
  const [left, top] = [x - width / 2, y - height / 2];
  ctx.lineWidth = 1.5 * u;
  if (uncertain) {
    ctx.strokeStyle = colour;
    ctx.setLineDash([3 * u, 2 * u]);
    ctx.strokeRect(left + u, top + u, width - 2 * u, height - 2 * u);
    ctx.setLineDash([]);
    ctx.fillStyle = theme.ink;
  } else {
    ctx.fillStyle = colour;
    ctx.fillRect(left, top, width, height);
    ctx.fillStyle = textOn(colour);
  }
  ctx.font = `700 ${13 * u}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(uncertain ? `${letter}?` : letter, x, y + u);
  if (selected) {
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = 3 * u;
    ctx.strokeRect(left - 1.5 * u, top - 1.5 * u, width + 3 * u, height + 3 * u);
  }
  ctx.fillStyle = colour;
}

/**
 * The interval before a beat in ms, between the two.
 * @param {CanvasRenderingContext2D} ctx @param {import("./strip_scene.js").StripScene} scene
 * @param {number} x @param {number} rr_s
 */
function interval(ctx, { view, theme }, x, rr_s) {
  const u = view.dpr;
  const width = rr_s * view.px_per_s;
  if (!(width > 44 * u)) return; // NaN, or no room
  ctx.fillStyle = theme.soft;
  ctx.font = `${11 * u}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText((rr_s * 1000).toFixed(0), x - width / 2, (RULER + LABELS + INTERVALS / 2) * u);
}
