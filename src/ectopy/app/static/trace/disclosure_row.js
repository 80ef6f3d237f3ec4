// Paints the rows of the full disclosure: a minute each.

import { LETTERS, UNCERTAIN, lowerBound } from "./beats.js";
import { hatch, traceLead } from "./paint.js";
import { faint } from "./theme.js";

export const ROW_S = 60;
const AROUND_S = [0.25, 0.35]; // of an ectopic beat that is drawn in its colour
const LEAST_MV = 0.3; // taken up by a row, however flat the line

/**
 * What is under the traces: times, the rhythm as a line, what is left out.
 * @param {import("./disclosure.js").Disclosure} page
 */
export function paintGround(page) {
  const { inside: ctx, theme, row, gutter, view, px_per_s } = page;
  const u = view.dpr;
  ctx.fillStyle = theme.plate;
  ctx.fillRect(0, 0, ctx.canvas.width, ctx.canvas.height);
  ctx.font = `${11 * u}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  const lines = hatch(ctx, Math.round(8 * u), 1.5 * u, faint(theme.artefact, 0.6));
  const { fs_hz } = view.recording;
  for (let i = 0; i < page.rows; i += 1) {
    const from_s = page.start_s + i * ROW_S;
    /** @param {number} start_s @param {number} stop_s @returns {[number, number]} */
    const across = (start_s, stop_s) => {
      const x0 = Math.max(0, start_s - from_s) * px_per_s;
      return [gutter + x0, Math.min(ROW_S, stop_s - from_s) * px_per_s - x0];
    };
    ctx.fillStyle = theme.soft;
    ctx.fillText(page.clock.minute(from_s), 5 * u, (i + 0.5) * row, gutter - 8 * u);
    for (const span of page.rhythms.between(from_s, from_s + ROW_S)) {
      const [x, width] = across(span.start_s, span.stop_s);
      ctx.fillStyle = theme[`rhythm-${span.kind}`] ?? theme["rhythm-other"];
      ctx.fillRect(x, (i + 1) * row - 2 * u, width, 2 * u);
    }
    ctx.fillStyle = lines;
    for (const [start, stop] of page.rhythms.artefacts) {
      const [x, width] = across(start / fs_hz, stop / fs_hz);
      if (width > 0) ctx.fillRect(x, i * row, width, row);
    }
  }
}

/**
 * The trace of a minute, and its ectopic beats in their colour with their letter.
 * @param {import("./disclosure.js").Disclosure} page
 * @param {import("./signal.js").Stretch} stretch @param {number} row
 */
export function paintRow(page, stretch, row) {
  const { inside: ctx, theme, gutter, px_per_s, view } = page;
  const u = view.dpr;
  const { fs_hz } = view.recording;
  const from_s = page.start_s + row * ROW_S;
  const base = /** @type {import("./signal.js").Baseline} */ (page.baseline());
  // One scale for the page: what most of its minutes need.
  const per_mv = (1.3 * page.row) / Math.max(LEAST_MV, base.height(page.lead, page.start_s, page.stop_s));
  const y0 = (row + 0.55) * page.row + base.at(page.lead, from_s + ROW_S / 2) * per_mv;
  /** @param {number} sample */
  const x_of = (sample) => gutter + (sample / fs_hz - from_s) * px_per_s;
  /** @param {number} time_s */
  const bin = (time_s) => (time_s * fs_hz - stretch.start) / stretch.per_bin;
  /** @param {number} begin_s @param {number} end_s @param {string} colour */
  const trace = (begin_s, end_s, colour) => {
    const first = Math.max(0, Math.floor(bin(Math.max(begin_s, from_s))));
    const last = Math.min(stretch.bins, Math.ceil(bin(Math.min(end_s, from_s + ROW_S))));
    if (first >= last) return;
    ctx.strokeStyle = colour;
    ctx.beginPath();
    traceLead(ctx, stretch, 0, x_of, y0, per_mv, first, last);
    ctx.stroke();
  };
  ctx.lineWidth = Math.max(1, Math.round(0.6 * u));
  ctx.lineJoin = "bevel";
  trace(from_s, from_s + ROW_S, theme.ink);
  const table = page.beats.table(from_s, from_s + ROW_S);
  if (!table) return;
  ctx.lineWidth = 1.5 * u;
  ctx.lineJoin = "round";
  ctx.font = `700 ${10 * u}px system-ui, sans-serif`;
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
    const text = table.flags[i] & UNCERTAIN ? `${letter}?` : letter;
    ctx.lineWidth = 3 * u;
    ctx.strokeStyle = theme.plate;
    ctx.strokeText(text, x, row * page.row + 5.5 * u); // a rim, so that it is read upon the trace
    ctx.fillStyle = theme.ink;
    ctx.fillText(text, x, row * page.row + 5.5 * u);
    ctx.lineWidth = 1.5 * u;
  }
}
