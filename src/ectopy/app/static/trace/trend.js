// Heart rate over a recording, and where there are ectopic beats.

import { CLEAR, LETTERS } from "./beats.js";
import { faint } from "./theme.js";

const SLOWEST = 30; // 1/min, the foot of the axis
const GAP_S = 5; // without an interval of good signal, and the line breaks

/**
 * What each column of the drawing holds; intervals of good signal alone.
 * @param {import("./beats.js").Table} table @param {number} n Columns.
 * @param {number} per_sample Columns of a sample.
 */
export function columns(table, n, per_sample) {
  const low = new Float32Array(n).fill(Infinity);
  const high = new Float32Array(n).fill(-Infinity);
  const sum_s = new Float64Array(n);
  const count = new Uint32Array(n);
  const V = new Uint8Array(n);
  const S = new Uint8Array(n);
  const [v, s] = [LETTERS.indexOf("V"), LETTERS.indexOf("S")];
  for (let i = 0; i < table.samples.length; i += 1) {
    const column = Math.min(n - 1, Math.floor(table.samples[i] * per_sample));
    if (table.classes[i] === v) V[column] = 1;
    if (table.classes[i] === s) S[column] = 1;
    const rr_s = table.rr_s[i];
    if (!(table.flags[i] & CLEAR) || !(rr_s > 0)) continue;
    const rate = 60 / rr_s;
    if (rate < low[column]) low[column] = rate;
    if (rate > high[column]) high[column] = rate;
    sum_s[column] += rr_s;
    count[column] += 1;
  }
  return { low, high, sum_s, count, V, S };
}

/**
 * Lowest to highest as a band, the mean as a line, ectopic beats as marks below.
 * @param {OffscreenCanvasRenderingContext2D} ctx @param {import("./day.js").Day} day
 * @param {import("./beats.js").Table} table
 * @param {{top: number, bottom: number, ectopy: number}} place Device pixels.
 */
export function paintTrend(ctx, day, table, { top, bottom, ectopy }) {
  const { theme, gutter } = day;
  const u = day.view.dpr;
  const { duration_s, fs_hz } = day.view.recording;
  const n = Math.max(1, Math.floor(day.width / Math.ceil(u)));
  const width = day.width / n;
  const { low, high, sum_s, count, V, S } = columns(table, n, n / (duration_s * fs_hz));
  const rates = [...high].filter((value) => value > 0).sort((a, b) => a - b);
  const usual = rates[Math.floor(rates.length * 0.98)] ?? 100;
  const highest = Math.max(120, Math.min(250, Math.ceil(usual / 20) * 20));
  /** @param {number} rate */
  const y_of = (rate) => {
    const share = (rate - SLOWEST) / (highest - SLOWEST);
    return bottom - Math.max(0, Math.min(1, share)) * (bottom - top);
  };
  ctx.font = `${10 * u}px system-ui, sans-serif`;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const rate of [50, 100, 150, 200].filter((one) => one < highest - 5)) {
    const y = Math.round(y_of(rate));
    ctx.fillStyle = theme.line;
    ctx.fillRect(gutter, y, day.width, Math.ceil(u));
    ctx.fillStyle = theme.soft;
    ctx.fillText(String(rate), gutter - 5 * u, y);
  }
  ctx.fillStyle = faint(theme.accent, 0.35);
  for (let i = 0; i < n; i += 1) {
    if (!count[i]) continue;
    const y = y_of(high[i]);
    ctx.fillRect(gutter + i * width, y, width, Math.max(u, y_of(low[i]) - y));
  }
  ctx.strokeStyle = theme.ink;
  ctx.lineWidth = 1.2 * u;
  ctx.beginPath();
  let empty = Infinity;
  for (let i = 0; i < n; i += 1) {
    if (!count[i]) {
      empty += 1;
      continue;
    }
    const gap = empty * width > 4 * u && (empty / n) * duration_s > GAP_S;
    const [x, y] = [gutter + (i + 0.5) * width, y_of((60 * count[i]) / sum_s[i])];
    if (gap) ctx.moveTo(x, y);
    ctx.lineTo(x + (gap ? 0.5 : 0), y);
    empty = 0;
  }
  ctx.stroke();
  [V, S].forEach((marks, which) => {
    ctx.fillStyle = theme["VS"[which]];
    for (let i = 0; i < n; i += 1) {
      if (!marks[i]) continue;
      ctx.fillRect(gutter + i * width, bottom + (which * ectopy) / 2, Math.max(width, u), ectopy / 2 - u);
    }
  });
}

/**
 * Rate and counts of some beats, as text.
 * @param {import("./beats.js").Table} table @param {number} first @param {number} last
 */
export function rowText(table, first, last) {
  let [sum_s, n] = [0, 0];
  const counts = new Array(LETTERS.length).fill(0);
  for (let i = first; i < last; i += 1) {
    counts[table.classes[i]] += 1;
    if (table.flags[i] & CLEAR && table.rr_s[i] > 0) {
      sum_s += table.rr_s[i];
      n += 1;
    }
  }
  const text = n ? [`${((60 * n) / sum_s).toFixed(0)}/min`] : ["no rate"];
  counts.forEach((count, i) => {
    if (i && count) text.push(`${count} ${LETTERS[i]}`);
  });
  return text.join(", ");
}
