// Painted tiles of the strip: each is painted once and then only copied, so that moving is cheap.

import { traceLead } from "./paint.js";
import { Kept } from "./signal.js";

const PAINTED_BYTES = 64 << 20;

/**
 * @typedef {object} Picture
 * @property {OffscreenCanvas} canvas
 * @property {import("./signal.js").Stretch | null} stretch What it is painted from; null when done.
 * @property {number} next Place of the lead to go on with.
 */

export class Tiles {
  /**
   * @param {import("./signal.js").Signal} signal
   * @param {import("./view.js").View} view
   */
  constructor(signal, view) {
    this.signal = signal;
    this.view = view;
    /** @type {import("./signal.js").Baseline | null} */
    this.baseline = null;
    /** @type {Kept<Picture>} */
    this.painted = new Kept(PAINTED_BYTES, ({ canvas }) => canvas.width * canvas.height * 4);
    this.direction = 1;
    this.last_px = 0;
  }

  /** Device pixels of a tile. */
  get width() {
    return this.view.dpr > 1.5 ? 1024 : 512;
  }

  /** @param {number} index */
  key(index) {
    const { leads, px_per_s } = this.view;
    return `${leads.join(",")} ${px_per_s} ${this.width} ${index}`;
  }

  /** First and last tile in view. */
  get range() {
    const { left_px, plot_px, px_per_s, recording } = this.view;
    const end = Math.min(left_px + plot_px, recording.duration_s * px_per_s);
    return [Math.floor(left_px / this.width), Math.max(0, Math.ceil(end / this.width) - 1)];
  }

  /** Ask for what is in view, then for what is next to it, first where the reader is going. */
  want() {
    const [first, last] = this.range;
    if (this.view.left_px !== this.last_px) {
      this.direction = this.view.left_px > this.last_px ? 1 : -1;
      this.last_px = this.view.left_px;
    }
    const indices = [];
    for (let i = first; i <= last; i += 1) indices.push(i);
    const ahead = this.direction > 0 ? [last + 1, last + 2, first - 1] : [first - 1, first - 2, last + 1];
    const { recording, px_per_s, leads } = this.view;
    this.signal.want(
      [...indices, ...ahead]
        .map((index) => ({
          key: this.key(index),
          // One sample more on each side: lines go on from tile to tile.
          start: Math.floor(((index * this.width) / px_per_s) * recording.fs_hz) - 1,
          stop: Math.ceil((((index + 1) * this.width) / px_per_s) * recording.fs_hz) + 2,
          columns: this.width,
          leads,
        }))
        .filter((one) => one.stop > 0 && one.start < recording.n_samples),
    );
  }

  /**
   * Copy the tiles in view; what is not painted yet is painted as far as time allows, lead by lead.
   * @param {CanvasRenderingContext2D} ctx
   * @param {number} x0 Left edge of the plot. @param {number} y0 Top of the leads.
   * @param {number} row Height of a lead. @param {string} ink
   * @param {() => boolean} spare Whether there is time left in this frame.
   * @returns {{whole: boolean, more: boolean}} Whether all in view is there; whether something
   *   only waits to be painted.
   */
  draw(ctx, x0, y0, row, ink, spare) {
    const [first, last] = this.range;
    let whole = true;
    let more = false;
    for (let index = first; index <= last; index += 1) {
      const picture = this.#picture(index, row, ink);
      if (!picture) {
        whole = false;
        continue;
      }
      if (!this.#paint(picture, index, row, ink, spare)) {
        whole = false;
        more = true;
      }
      ctx.drawImage(picture.canvas, x0 + index * this.width - this.view.left_px, y0);
    }
    // Time that is left goes to what comes into view next.
    for (const index of [first - 1, last + 1, last + 2]) {
      const picture = this.#picture(index, row, ink);
      if (picture && !this.#paint(picture, index, row, ink, spare)) more = true;
    }
    return { whole, more };
  }

  /**
   * The picture of a tile whose signal is here.
   * @param {number} index @param {number} row @param {string} ink
   * @returns {Picture | undefined}
   */
  #picture(index, row, ink) {
    const key = this.key(index);
    const name = `${key} ${this.view.gain} ${row} ${ink}`;
    const found = this.painted.get(name);
    if (found) return found;
    const stretch = this.signal.get(key);
    if (!stretch || !this.baseline) return undefined;
    const canvas = new OffscreenCanvas(this.width, Math.round(row * this.view.leads.length));
    const picture = { canvas, stretch, next: 0 };
    this.painted.set(name, picture);
    return picture;
  }

  /**
   * Go on with a picture.
   * @param {Picture} picture @param {number} index @param {number} row @param {string} ink
   * @param {() => boolean} spare
   * @returns {boolean} Whether it is done.
   */
  #paint(picture, index, row, ink, spare) {
    const { stretch, canvas } = picture;
    if (!stretch) return true;
    const { px_per_s, px_per_mv, recording, dpr } = this.view;
    const ctx = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const base = /** @type {import("./signal.js").Baseline} */ (this.baseline);
    const left = index * this.width;
    const per_sample = px_per_s / recording.fs_hz;
    ctx.strokeStyle = ink;
    ctx.lineWidth = Math.max(1, Math.round(dpr)); // a line of one pixel costs a tenth of one of 1.2
    ctx.lineJoin = "bevel";
    for (; picture.next < stretch.leads.length; picture.next += 1) {
      if (!spare()) return false;
      const lead = stretch.leads[picture.next];
      const level = base.at(lead, left / px_per_s) * px_per_mv;
      const rise = base.at(lead, (left + this.width) / px_per_s) * px_per_mv - level;
      const y0 = (picture.next + 0.5) * row + level;
      ctx.beginPath();
      ctx.setTransform(1, rise / this.width, 0, 1, 0, 0); // a tile begins where the last one ended
      traceLead(ctx, stretch, picture.next, (at) => at * per_sample - left, y0, px_per_mv);
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.stroke();
    }
    picture.stretch = null; // it is not needed any more, and may go
    return true;
  }
}
