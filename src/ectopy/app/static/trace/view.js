// What is in view: where the strip begins, paper speed, gain, leads; what is selected.

export const SPEEDS = [2.5, 5, 12.5, 25, 50, 100];
export const GAINS = [2.5, 5, 10, 20, 40];
export const MODES = /** @type {const} */ (["move", "select", "calipers", "insert", "artefact"]);
const MANY_LEADS = 6;
const CSS_PX_PER_MM = 96 / 25.4;

/** The view; it sends `change` when something is to be drawn anew, and `mode` and `selected`. */
export class View extends EventTarget {
  /** @param {{duration_s: number, fs_hz: number, n_samples: number, leads: any[]}} recording */
  constructor(recording) {
    super();
    this.recording = recording;
    this.start_s = 0;
    this.speed = 25;
    this.gain = recording.leads.length > MANY_LEADS ? 5 : 10;
    this.leads = recording.leads.map((lead, i) => lead.number ?? i);
    /** @type {typeof MODES[number]} */
    this.mode = "move";
    /** @type {Set<number>} */
    this.selected = new Set();
    /** @type {number | null} Sample of the beat that keys go on from. */
    this.active = null;
    /** Where a key would insert a beat, or set an end of an artefact. @type {number | null} */
    this.cursor_s = null;
    /** @type {{start_s: number, stop_s: number} | null} What is being dragged over. */
    this.drag = null;
    /** @type {import("./calipers.js").Box | null} */
    this.calipers = null;
    this.marching = false;
    this.dpr = 1;
    this.plot_px = 1000; // device pixels from the gutter to the right edge
  }

  /** Device pixels of a millimetre: a whole number, so that lines of the paper are sharp. */
  get mm() {
    return Math.max(1, Math.round(CSS_PX_PER_MM * this.dpr));
  }

  get px_per_s() {
    return this.speed * this.mm;
  }

  get px_per_mv() {
    return this.gain * this.mm;
  }

  get span_s() {
    return this.plot_px / this.px_per_s;
  }

  get stop_s() {
    return this.start_s + this.span_s;
  }

  /** The left edge in device pixels from the beginning: whole, so that pictures are not blurred. */
  get left_px() {
    return Math.round(this.start_s * this.px_per_s);
  }

  /** @param {number} time_s */
  x_of(time_s) {
    return time_s * this.px_per_s - this.left_px;
  }

  /** @param {number} x Device pixels from the gutter. */
  time_at(x) {
    return (x + this.left_px) / this.px_per_s;
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  /** @param {number} start_s */
  move_to(start_s) {
    const most = Math.max(0, this.recording.duration_s - this.span_s);
    const next = Math.max(0, Math.min(most, start_s));
    if (next !== this.start_s) {
      this.start_s = next;
      this.changed();
    }
  }

  /** @param {number} time_s */
  centre(time_s) {
    this.move_to(time_s - this.span_s / 2);
  }

  /** Bring a time into view, if it is not. @param {number} time_s */
  reveal(time_s) {
    const margin = this.span_s * 0.08;
    if (time_s < this.start_s + margin || time_s > this.stop_s - margin) this.centre(time_s);
  }

  /**
   * Change the paper speed; a time stays where it is.
   * @param {number} speed mm/s @param {number} fixed_s
   */
  set_speed(speed, fixed_s = this.start_s + this.span_s / 2) {
    const share = (fixed_s - this.start_s) / this.span_s;
    this.speed = speed;
    const wanted = fixed_s - share * this.span_s;
    this.start_s = -1; // even where the beginning stays, all is drawn anew
    this.move_to(wanted);
  }

  /** @param {number} steps @param {number} [fixed_s] */
  zoom(steps, fixed_s) {
    const at = stepped(SPEEDS, this.speed, steps);
    if (at !== this.speed) this.set_speed(at, fixed_s);
  }

  /** @param {number} gain mm/mV */
  set_gain(gain) {
    this.gain = gain;
    this.changed();
  }

  /** @param {number} steps */
  amplify(steps) {
    this.set_gain(stepped(GAINS, this.gain, steps));
  }

  /** @param {number[]} leads */
  set_leads(leads) {
    if (!leads.length) return;
    this.leads = [...leads].sort((a, b) => a - b);
    this.changed();
  }

  /** @param {typeof MODES[number]} mode */
  set_mode(mode) {
    if (mode === this.mode) return;
    this.mode = mode;
    this.drag = null;
    this.cursor_s = mode === "insert" || mode === "artefact" ? this.start_s + this.span_s / 2 : null;
    if (mode !== "calipers") this.calipers = null;
    this.dispatchEvent(new Event("mode"));
    this.changed();
  }

  /**
   * Select beats; who asks for it from outside need not be told.
   * @param {Iterable<number>} samples @param {boolean} tell
   */
  select(samples, tell = true) {
    this.selected = new Set(samples);
    if (tell) this.dispatchEvent(new Event("selected"));
    this.changed();
  }

  /** @param {number} plot_px @param {number} dpr */
  sized(plot_px, dpr) {
    if (plot_px === this.plot_px && dpr === this.dpr) return;
    this.plot_px = Math.max(1, plot_px);
    this.dpr = dpr;
    const start_s = this.start_s;
    this.start_s = -1;
    this.move_to(start_s);
  }
}

/** @param {number[]} values @param {number} value @param {number} steps */
function stepped(values, value, steps) {
  const at = values.indexOf(value);
  return values[Math.max(0, Math.min(values.length - 1, at + steps))];
}
