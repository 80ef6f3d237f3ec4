// The course of rate and ectopy over the recording, from its beats: by minute, or wider.

import { LETTERS } from "../format.js";

const GOOD = 4; // flag of an interval of good signal throughout
const [V, S] = [LETTERS.indexOf("V"), LETTERS.indexOf("S")];

/** @typedef {{low: number | null, middle: number | null, high: number | null, V: number, S: number}} Bin */

/** How long a bin is. @param {number} duration_s */
export function binOf(duration_s) {
  if (duration_s <= 3 * 3600) return 60;
  return duration_s <= 26 * 3600 ? 300 : 3600;
}

/**
 * Sum up beats: rates in 1/min (a quarter, half and three quarters of the intervals in good signal
 * are slower), and V and S beats.
 * @param {import("./beat_table.js").BeatTable} beats @param {number} fs_hz @param {number} duration_s
 * @returns {Bin[]}
 */
export function trend(beats, fs_hz, duration_s) {
  const width_s = binOf(duration_s);
  const bins = [];
  let i = 0;
  for (let end = width_s; end < duration_s + width_s; end += width_s) {
    const rates = [];
    const bin = { low: null, middle: null, high: null, V: 0, S: 0 };
    for (; i < beats.n && beats.samples[i] < end * fs_hz; i += 1) {
      if (beats.flags[i] & GOOD && beats.rr_s[i] > 0) rates.push(60 / beats.rr_s[i]);
      if (beats.classes[i] === V) bin.V += 1;
      if (beats.classes[i] === S) bin.S += 1;
    }
    rates.sort((a, b) => a - b);
    const at = (/** @type {number} */ share) => rates[Math.floor(share * (rates.length - 1))];
    bins.push(rates.length ? { ...bin, low: at(0.25), middle: at(0.5), high: at(0.75) } : bin);
  }
  return bins;
}
