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
 * @property {boolean} lettered False where there was no room for the letter.
 */
/** @typedef {Label & {width: number, stated: boolean}} Mark The same, in device pixels. */

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
  /** @type {Mark[]} */
  const marks = [];
  const size = SIZE * u;
  let i = lowerBound(table.samples, (view.start_s - 1) * fs_hz);
  for (; i < table.samples.length && table.samples[i] <= (view.stop_s + 1) * fs_hz; i += 1) {
    const sample = table.samples[i];
    const uncertain = (table.flags[i] & UNCERTAIN) > 0;
    marks.push({
      sample,
      x: Math.round(gutter + view.x_of(sample / fs_hz)),
      width: uncertain ? size + 6 * u : size,
      letter: LETTERS[table.classes[i]],
      uncertain,
      stated: (table.flags[i] & STATED) > 0,
      selected: view.selected.has(sample),
      lettered: false,
    });
    interval(ctx, scene, marks[marks.length - 1].x, table.rr_s[i]);
  }
  place(marks);
  for (const mark of marks) {
    if (mark.selected) {
      ctx.fillStyle = faint(theme.accent, 0.16);
      const half = SHADE_S * view.px_per_s;
      ctx.fillRect(mark.x - half, top, 2 * half, bottom - top);
    }
    ctx.fillStyle = theme[mark.letter];
    ctx.fillRect(mark.x, (RULER + LABELS) * u, Math.ceil(u), (INTERVALS + TICK) * u);
    if (mark.lettered) {
      plate(ctx, scene, mark, middle);
      if (mark.stated) ctx.fillRect(mark.x - 3 * u, middle + size / 2 + u, 6 * u, 2 * u);
    }
    if (mark.sample === view.active) {
      ctx.fillStyle = theme.accent;
      ctx.fillRect(mark.x - size / 2, (RULER - 2) * u, size, 2 * u);
    }
  }
  return marks
    .filter(({ x }) => x >= gutter && x <= scene.width)
    .map((mark) => ({ ...mark, x: (mark.x - gutter) / u }));
}

/**
 * Where letters would lie upon one another, those that matter most have the room: what is
 * selected, then what is not N.
 * @param {Mark[]} marks In order of time.
 */
function place(marks) {
  /** @param {number} i */
  const free = (i) => {
    for (const by of [-1, 1]) {
      for (let j = i + by; marks[j]; j += by) {
        const apart = Math.abs(marks[j].x - marks[i].x);
        if (marks[j].lettered && apart < (marks[j].width + marks[i].width) / 2) return false;
        if (apart > 2 * marks[i].width) break;
      }
    }
    return true;
  };
  const ranks = [
    (/** @type {Mark} */ mark) => mark.selected,
    (/** @type {Mark} */ mark) => mark.letter !== "N",
    () => true,
  ];
  for (const rank of ranks) {
    marks.forEach((mark, i) => {
      if (!mark.lettered && rank(mark)) mark.lettered = free(i);
    });
  }
}

/**
 * A filled plate with the letter; an open one with a question mark where it is uncertain.
 * @param {CanvasRenderingContext2D} ctx @param {import("./strip_scene.js").StripScene} scene
 * @param {Mark} mark @param {number} y
 */
function plate(ctx, { view, theme }, { x, width, letter, uncertain, selected }, y) {
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
