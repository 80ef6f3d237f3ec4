// Paints leads of a stretch: samples as a line, many of them as the lowest and highest a column.

import { MISSING } from "./signal.js";

/** @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Context */

/**
 * Trace one lead into the current path; all in device pixels.
 * @param {Context} ctx
 * @param {import("./signal.js").Stretch} stretch
 * @param {number} place Of the lead within the stretch.
 * @param {(sample: number) => number} x_of Where a sample lies.
 * @param {number} y0 Of 0 mV.
 * @param {number} per_mv Pixels.
 * @param {number} first First bin.
 * @param {number} last The one after the last.
 */
export function traceLead(ctx, stretch, place, x_of, y0, per_mv, first = 0, last = stretch.bins) {
  const { numbers, per_bin, bins, start } = stretch;
  const pairs = per_bin > 1 ? 2 : 1;
  const from = place * bins * pairs;
  const zero = y0 - stretch.offset_mv[place] * per_mv;
  const per_number = stretch.scale_mv[place] * per_mv;
  const begin = x_of(start + (per_bin - 1) / 2);
  const per_step = x_of(start + per_bin + (per_bin - 1) / 2) - begin;
  let gap = true;
  if (pairs === 1 && per_step >= 0.5) {
    for (let bin = first; bin < last; bin += 1) {
      const number = numbers[from + bin];
      if (number === MISSING) {
        gap = true;
      } else if (gap) {
        ctx.moveTo(begin + bin * per_step, zero - number * per_number);
        gap = false;
      } else {
        ctx.lineTo(begin + bin * per_step, zero - number * per_number);
      }
    }
    return;
  }
  let bin = first;
  let previous = 0;
  while (bin < last) {
    const column = Math.floor(begin + bin * per_step);
    let low = 32767;
    let high = MISSING;
    for (; bin < last && Math.floor(begin + bin * per_step) === column; bin += 1) {
      const least = numbers[from + bin * pairs];
      if (least === MISSING) continue;
      const most = numbers[from + bin * pairs + pairs - 1];
      if (least < low) low = least;
      if (most > high) high = most;
    }
    if (high === MISSING) {
      gap = true;
      continue;
    }
    const x = column + 0.5;
    // From where the last column ended to the nearer end first: no line is drawn twice.
    const upward = Math.abs(previous - low) <= Math.abs(previous - high);
    const [one, other] = upward ? [low, high] : [high, low];
    if (gap) ctx.moveTo(x, zero - one * per_number);
    else ctx.lineTo(x, zero - one * per_number);
    // A column of one value alone would leave no mark.
    ctx.lineTo(x, zero - other * per_number + (low === high && gap ? 0.5 : 0));
    previous = other;
    gap = false;
  }
}

/**
 * Make the paper: a pattern of one major square, lines a whole number of pixels apart.
 * @param {Context} ctx
 * @param {number} mm Device pixels of a millimetre.
 * @param {number} line Device pixels of a line.
 * @param {import("./theme.js").Theme} theme
 */
export function paper(ctx, mm, line, theme) {
  const size = 5 * mm;
  const canvas = new OffscreenCanvas(size, size);
  const square = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  square.fillStyle = theme.paper;
  square.fillRect(0, 0, size, size);
  square.fillStyle = theme.minor;
  for (let i = 1; i < 5; i += 1) {
    square.fillRect(i * mm, 0, line, size);
    square.fillRect(0, i * mm, size, line);
  }
  square.fillStyle = theme.major;
  square.fillRect(0, 0, line, size);
  square.fillRect(0, 0, size, line);
  return /** @type {CanvasPattern} */ (ctx.createPattern(canvas, "repeat"));
}

/**
 * Make slanted lines, for what is left out.
 * @param {Context} ctx @param {number} size Device pixels. @param {number} line @param {string} colour
 */
export function hatch(ctx, size, line, colour) {
  const canvas = new OffscreenCanvas(size, size);
  const square = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  square.strokeStyle = colour;
  square.lineWidth = line;
  square.beginPath();
  for (const shift of [-size, 0, size]) {
    square.moveTo(shift, size);
    square.lineTo(shift + size, 0);
  }
  square.stroke();
  return /** @type {CanvasPattern} */ (ctx.createPattern(canvas, "repeat"));
}
