// Beats as they are labelled now: all of them, and at once those that are in view.

import { Again, sentence } from "./again.js";

export const LETTERS = "NSVFQ";
export const UNCERTAIN = 1;
export const STATED = 2;
export const CLEAR = 4;
const AROUND_S = 60;
const QUIET_MS = 800;

/**
 * Columns of beats, in order of time.
 * @typedef {object} Table
 * @property {Float64Array} samples R peaks.
 * @property {Float32Array} rr_s Interval before each; NaN for none.
 * @property {Uint8Array} classes Places in `LETTERS`.
 * @property {Uint8Array} flags `UNCERTAIN`, `STATED`, `CLEAR`.
 * @property {number} from_s What stretch it tells of.
 * @property {number} to_s
 * @property {number} version Edits that this page knew of when it was asked for.
 */

/**
 * First place of a sorted array whose value is not less.
 * @param {Float64Array} values @param {number} value
 */
export function lowerBound(values, value) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The beats of one recording; it sends `loaded`, and `all` when the whole is there. */
export class Beats extends EventTarget {
  /** @param {{binary: Function}} api @param {{fs_hz: number, duration_s: number}} recording */
  constructor(api, recording) {
    super();
    this.api = api;
    this.fs_hz = recording.fs_hz;
    this.duration_s = recording.duration_s;
    this.version = 0;
    /** @type {Table | null} */
    this.near = null;
    /** @type {Table | null} */
    this.all = null;
    /** @type {Set<string>} */
    this.asked = new Set();
    this.later = 0;
    this.error = "";
    this.again = new Again();
  }

  /** What there was is old: labels were edited. */
  edited() {
    this.version += 1;
    this.load_all();
  }

  /** Have all of them loaded, once edits have ceased for a moment. */
  load_all() {
    clearTimeout(this.later);
    const wait = this.all ? QUIET_MS : 0;
    this.later = setTimeout(() => this.#load(0, this.duration_s + 1, true), wait);
  }

  /** Have a stretch at hand, and as it is now. @param {number} from_s @param {number} to_s */
  need(from_s, to_s) {
    if (!this.#fresh(from_s, to_s)) {
      this.#load(Math.max(0, from_s - AROUND_S), to_s + AROUND_S, false);
    }
  }

  /**
   * The best table of a whole stretch that is here; an older one until the newest is.
   * @param {number} from_s @param {number} to_s
   * @returns {Table | null}
   */
  table(from_s, to_s) {
    const fresh = this.#fresh(from_s, to_s);
    if (fresh) return fresh;
    return this.near && this.#covers(this.near, from_s, to_s) ? this.near : this.all;
  }

  /** @param {number} from_s @param {number} to_s */
  #fresh(from_s, to_s) {
    for (const one of [this.near, this.all]) {
      if (one && one.version === this.version && this.#covers(one, from_s, to_s)) return one;
    }
    return null;
  }

  /** Whether a table tells of all that the recording has there. @param {Table} table @param {number} from_s @param {number} to_s */
  #covers(table, from_s, to_s) {
    return table.from_s <= Math.max(0, from_s) && table.to_s >= Math.min(to_s, this.duration_s);
  }

  /** @param {number} from_s @param {number} to_s @param {boolean} all */
  async #load(from_s, to_s, all) {
    const version = this.version;
    const name = all ? `all ${version}` : `${from_s} ${to_s} ${version}`;
    const which = all ? "all" : "near";
    if (this.asked.has(name) || this.again.early(which)) return;
    this.asked.add(name);
    try {
      const query = all ? {} : { start_s: from_s, stop_s: to_s };
      const { buffer, headers } = await this.api.binary("beats.bin", query);
      const n = Number(headers.get("x-beats"));
      const table = {
        samples: new Float64Array(buffer, 0, n),
        rr_s: new Float32Array(buffer, 8 * n, n),
        classes: new Uint8Array(buffer, 12 * n, n),
        flags: new Uint8Array(buffer, 13 * n, n),
        from_s,
        to_s,
        version,
      };
      this.error = "";
      this.again.well();
      if (all && version >= (this.all?.version ?? 0)) this.all = table;
      if (!all && version >= (this.near?.version ?? 0)) this.near = table;
      this.dispatchEvent(new Event("loaded"));
      if (all) this.dispatchEvent(new Event("all"));
    } catch (error) {
      this.error = sentence("the beats", error);
      this.dispatchEvent(new Event("loaded"));
      this.again.after(which, () => {
        if (all) this.load_all();
        else this.dispatchEvent(new Event("loaded")); // who draws them asks for them
      });
    } finally {
      this.asked.delete(name);
    }
  }
}
