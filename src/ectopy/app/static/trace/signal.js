// Windows of the signal: fetched in binary, a few at a time, kept within bounds.

import { Again, sentence } from "./again.js";

/**
 * A stretch of some leads.
 * @typedef {object} Stretch
 * @property {number} start First sample.
 * @property {number} per_bin Samples in each bin; 1 where these are the samples.
 * @property {number} bins Bins of each lead.
 * @property {number[]} leads
 * @property {number[]} offset_mv
 * @property {number[]} scale_mv
 * @property {Int16Array} numbers Lead after lead; pairs of lowest and highest where per_bin > 1.
 */
/** @typedef {{key: string, start: number, stop: number, columns: number, leads: number[]}} Wanted */

export const MISSING = -32768;
const KEPT_BYTES = 24 << 20;
const AT_ONCE = 4;
const AROUND_S = 450; // on each side: a lead lies where its median of a quarter of an hour does

/**
 * @param {{buffer: ArrayBuffer, headers: Headers}} answer
 * @returns {Stretch}
 */
export function decoded({ buffer, headers }) {
  /** @param {string} name */
  const list = (name) => (headers.get(name) ?? "").split(",").map(Number);
  return {
    start: Number(headers.get("x-start")),
    per_bin: Number(headers.get("x-per-bin")),
    bins: Number(headers.get("x-bins")),
    leads: list("x-leads"),
    offset_mv: list("x-offset"),
    scale_mv: list("x-scale"),
    numbers: new Int16Array(buffer),
  };
}

/** A bounded cache: what was used longest ago goes first. @template T */
export class Kept {
  /** @param {number} most Of what `size` measures. @param {(value: T) => number} size */
  constructor(most, size) {
    this.most = most;
    this.size = size;
    this.total = 0;
    /** @type {Map<string, T>} */
    this.values = new Map();
  }

  /** @param {string} key */
  get(key) {
    const value = this.values.get(key);
    if (value !== undefined) {
      this.values.delete(key);
      this.values.set(key, value);
    }
    return value;
  }

  /** @param {string} key @param {T} value */
  set(key, value) {
    const before = this.values.get(key);
    if (before !== undefined) this.total -= this.size(before);
    this.values.delete(key);
    this.values.set(key, value);
    this.total += this.size(value);
    for (const [oldest, gone] of this.values) {
      if (this.total <= this.most || oldest === key) break;
      this.values.delete(oldest);
      this.total -= this.size(gone);
    }
  }

  clear() {
    this.values.clear();
    this.total = 0;
  }
}

/** Windows of one recording; it sends `loaded`, `failed`, and `again` when one may be asked for. */
export class Signal extends EventTarget {
  /** @param {{window: Function}} api */
  constructor(api) {
    super();
    this.api = api;
    /** @type {Kept<Stretch>} */
    this.kept = new Kept(KEPT_BYTES, (one) => one.numbers.byteLength);
    /** @type {Wanted[]} */
    this.queue = [];
    /** @type {Set<string>} */
    this.running = new Set();
    this.again = new Again();
    this.error = "";
  }

  /** @param {string} key */
  get(key) {
    return this.kept.get(key);
  }

  /** Say what is wanted now, the most urgent first; what is not begun and not named is dropped. @param {Wanted[]} all */
  want(all) {
    this.queue = all.filter(({ key }) => !this.kept.values.has(key) && !this.running.has(key));
    this.#next();
  }

  #next() {
    while (this.running.size < AT_ONCE && this.queue.length) {
      this.#load(/** @type {Wanted} */ (this.queue.shift()));
    }
  }

  /** @param {Wanted} one */
  async #load({ key, start, stop, columns, leads }) {
    if (this.again.early(key)) return;
    this.running.add(key);
    try {
      const answer = await this.api.window({ start, stop, columns, leads: leads.join(",") });
      this.kept.set(key, decoded(answer));
      this.again.well();
      this.error = "";
      this.dispatchEvent(new Event("loaded"));
    } catch (error) {
      this.error = sentence("the signal", error);
      this.dispatchEvent(new Event("failed"));
      this.again.after(key, () => this.dispatchEvent(new Event("again")));
    } finally {
      this.running.delete(key);
      this.#next();
    }
  }
}

/** Where each lead lies, slowly changing: recorders differ in their offset, and some drift. */
export class Baseline {
  /** @param {Stretch} whole The whole recording in few bins. @param {number} fs_hz */
  constructor(whole, fs_hz) {
    this.step_s = whole.per_bin / fs_hz;
    /** @type {Map<number, Float32Array>} */
    this.middles = new Map();
    /** @type {Map<number, Float32Array>} From lowest to highest in each bin. */
    this.heights = new Map();
    const pairs = whole.per_bin > 1 ? 2 : 1;
    whole.leads.forEach((lead, i) => {
      const raw = new Float32Array(whole.bins).fill(NaN);
      const height = new Float32Array(whole.bins).fill(NaN);
      for (let bin = 0; bin < whole.bins; bin += 1) {
        const at = (i * whole.bins + bin) * pairs;
        const [low, high] = [whole.numbers[at], whole.numbers[at + pairs - 1]];
        if (low === MISSING) continue;
        raw[bin] = whole.offset_mv[i] + ((low + high) / 2) * whole.scale_mv[i];
        height[bin] = (high - low) * whole.scale_mv[i];
      }
      this.middles.set(lead, runningMedian(raw, Math.round(AROUND_S / this.step_s)));
      this.heights.set(lead, height);
    });
  }

  /** What most of a stretch takes up. @param {number} lead @param {number} from_s @param {number} to_s @returns {number} mV */
  height(lead, from_s, to_s) {
    const first = Math.floor(from_s / this.step_s);
    const last = Math.ceil(to_s / this.step_s);
    return median(this.heights.get(lead)?.subarray(first, last) ?? new Float32Array(0)) ?? 0;
  }

  /** @param {number} lead @param {number} time_s @returns {number} mV */
  at(lead, time_s) {
    const middles = this.middles.get(lead);
    if (!middles?.length) return 0;
    const place = Math.max(0, Math.min(middles.length - 1, time_s / this.step_s - 0.5));
    const low = Math.floor(place);
    const high = Math.min(low + 1, middles.length - 1);
    return middles[low] + (middles[high] - middles[low]) * (place - low);
  }
}

/** @param {Float32Array} values @returns {number | undefined} Of those that are there. */
function median(values) {
  const there = values.filter((value) => !Number.isNaN(value)).sort();
  return there.length ? there[there.length >> 1] : undefined;
}

/** @param {Float32Array} values @param {number} half Neighbours on each side. */
function runningMedian(values, half) {
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const near = median(values.subarray(Math.max(0, i - half), i + half + 1));
    out[i] = near ?? out[Math.max(0, i - 1)];
  }
  return out;
}
