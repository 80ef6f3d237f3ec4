// The strip: canvas, list of the beats in view, line of live text.

import { sentence } from "./again.js";
import { CLEAR, LETTERS, STATED, UNCERTAIN, lowerBound } from "./beats.js";
import { told } from "./calipers.js";
import { Pane } from "./mirror.js";
import { Baseline, decoded } from "./signal.js";
import { pointers } from "./strip_input.js";
import { keys } from "./strip_keys.js";
import { StripScene } from "./strip_scene.js";
import { Tiles } from "./tiles.js";

const SETTLED_MS = 180;
const BIN_S = 240; // at most, of the whole recording in few bins
const MOST_FRAMES = 1000;
const HINTS = {
  move: "",
  select: "drag over beats to select them",
  calipers: "drag from one point to another; arrows move an edge, with Shift both; Space marches them on",
  insert: "click on the peak of the missing beat, or move the line by arrows and press Enter",
  artefact: "drag over the artefact, or mark its two ends with Enter",
};

export class Strip {
  /**
   * @param {object} parts
   * @param {import("./view.js").View} parts.view @param {import("./signal.js").Signal} parts.signal
   * @param {import("./beats.js").Beats} parts.beats
   * @param {import("./rhythms.js").Rhythms} parts.rhythms @param {import("./time.js").Clock} parts.clock
   * @param {EventTarget} parts.events @param {() => void} parts.disclose
   */
  constructor({ view, signal, beats, rhythms, clock, events, disclose }) {
    this.view = view;
    this.signal = signal;
    this.beats = beats;
    this.rhythms = rhythms;
    this.clock = clock;
    this.events = events;
    this.pane = new Pane("strip", "ECG strip", "Beats in view", true);
    this.element = this.pane.element;
    this.live = document.createElement("p");
    this.live.className = "trace-live";
    this.live.setAttribute("role", "status");
    this.tiles = new Tiles(signal, view);
    this.scene = new StripScene(view, this.tiles, beats, rhythms, clock);
    this.ctx = /** @type {CanvasRenderingContext2D} */ (
      this.pane.canvas.getContext("2d", { alpha: false })
    );
    /** @type {number[]} Milliseconds of the last frames. */
    this.frames = [];
    /** @type {number[] | null} Leads that the canvas was fitted to. */
    this.leads = null;
    this.where = ""; // what `moved` told last
    this.settling = 0;
    this.shown = true;
    /** The first strip is drawn, or cannot be. @type {Promise<void>} */
    this.drawn = new Promise((done) => {
      this.done = done;
    });
    const draw = () => this.request();
    for (const source of [signal, beats, rhythms]) source.addEventListener("loaded", draw);
    signal.addEventListener("again", draw);
    signal.addEventListener("failed", () => {
      this.settled();
      this.done();
    });
    view.addEventListener("change", draw);
    view.addEventListener("mode", () => this.pane.canvas.setAttribute("data-mode", view.mode));
    this.sized = new ResizeObserver(() => this.resize());
    this.sized.observe(this.element);
    pointers(this.pane.canvas, this);
    this.key = keys(this, disclose);
    this.pane.keys(this.key);
    this.#baseline();
  }

  /** Load the whole recording in few bins: where each lead lies. */
  async #baseline() {
    const { recording } = this.view;
    const columns = Math.max(1, Math.min(2000, Math.ceil(recording.duration_s / BIN_S)));
    try {
      const answer = await this.signal.api.window({ start: 0, stop: recording.n_samples, columns });
      this.tiles.baseline = new Baseline(decoded(answer), recording.fs_hz);
      this.request();
    } catch (error) {
      this.signal.error = sentence("the signal", error);
      this.settled();
      this.signal.again.after("baseline", () => this.#baseline());
    }
  }

  /** @param {import("./theme.js").Theme} theme */
  dress(theme) {
    this.scene.dress(theme);
    this.request();
  }

  resize() {
    const leads = this.view.leads.length;
    this.element.style.minHeight = `${StripScene.least(leads)}px`;
    this.element.style.flexBasis = `${StripScene.usual(leads)}px`;
    this.element.style.maxHeight = `${StripScene.most(leads)}px`;
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth || !clientHeight) return;
    const dpr = window.devicePixelRatio || 1;
    const height = Math.max(StripScene.least(leads), Math.min(StripScene.most(leads), clientHeight));
    this.pane.fit(clientWidth, height, dpr);
    this.scene.width = this.pane.canvas.width;
    this.scene.height = this.pane.canvas.height;
    this.view.dpr = dpr;
    this.view.sized(this.scene.width - this.scene.gutter, dpr);
    this.request();
  }

  request() {
    if (this.shown) this.pane.request(() => this.#draw());
  }

  #draw() {
    const { view } = this;
    if (window.devicePixelRatio !== view.dpr || this.leads !== view.leads) {
      this.leads = view.leads;
      this.resize();
    }
    if (!this.scene.width || !this.scene.theme.paper) return;
    const began = performance.now();
    const { whole, more } = this.scene.draw(this.ctx);
    this.frames.push(performance.now() - began);
    if (this.frames.length > MOST_FRAMES) this.frames.shift();
    this.element.toggleAttribute("data-drawn", whole);
    if (whole) this.done();
    if (more) this.request();
    this.tiles.want();
    this.beats.need(view.start_s, view.stop_s);
    clearTimeout(this.settling);
    // The first strip is told at once.
    this.settling = setTimeout(() => this.settled(), whole && !this.where ? 0 : SETTLED_MS);
  }

  /** Tell what is in view, once nothing has moved for a moment. */
  settled() {
    const { view, clock } = this;
    const stop_s = Math.min(view.stop_s, view.recording.duration_s);
    const table = this.beats.table(view.start_s, stop_s);
    const rows = [];
    const letters = [];
    let [beats, sum_s] = [0, 0];
    if (table) {
      const { fs_hz } = view.recording;
      let i = lowerBound(table.samples, view.start_s * fs_hz);
      for (; i < table.samples.length && table.samples[i] < stop_s * fs_hz; i += 1) {
        const sample = table.samples[i];
        const letter = LETTERS[table.classes[i]];
        const uncertain = (table.flags[i] & UNCERTAIN) > 0;
        const rr_s = table.rr_s[i];
        const text = [clock.text(sample / fs_hz, 2), letter];
        if (uncertain) text.push("uncertain");
        if (table.flags[i] & STATED) text.push("stated by a reader");
        if (rr_s > 0) text.push(`RR ${(rr_s * 1000).toFixed(0)} ms`);
        rows.push({ key: String(sample), text: text.join(", "), selected: view.selected.has(sample) });
        letters.push(uncertain ? `${letter}?` : letter);
        if (table.flags[i] & CLEAR && rr_s > 0) {
          beats += 1;
          sum_s += rr_s;
        }
      }
    }
    const active = view.active === null ? null : String(view.active);
    this.pane.mirror.update(rows, active, table ? "no beats in view" : "the labels are being loaded");
    const said = [`${clock.text(view.start_s)} to ${clock.text(stop_s)}`];
    if (beats) said.push(`${((60 * beats) / sum_s).toFixed(0)}/min`); // of intervals of good signal
    if (letters.length) said.push(letters.length > 40 ? `${letters.length} beats` : letters.join(" "));
    else said.push(table ? "no beats" : "the labels are being loaded");
    const rhythm = this.rhythms.text(view.start_s, stop_s);
    if (rhythm) said.push(rhythm);
    if (view.selected.size) said.push(`${view.selected.size} selected`);
    if (view.calipers) said.push(`calipers ${told(view.calipers)}`);
    else if (HINTS[view.mode]) said.push(HINTS[view.mode]);
    const error = this.signal.error || this.beats.error;
    this.live.classList.toggle("trace-error", Boolean(error));
    this.live.textContent = error || said.join(" · ");
    const where = `${view.start_s} ${stop_s}`;
    if (where !== this.where) {
      this.where = where;
      this.tell("moved", { start_s: view.start_s, stop_s });
    }
  }

  /** @param {string} name @param {object} detail */
  tell(name, detail) {
    this.events.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** The sample at a time, within the recording. @param {number} time_s */
  sample_at(time_s) {
    const { fs_hz, n_samples } = this.view.recording;
    return Math.max(0, Math.min(n_samples - 1, Math.round(time_s * fs_hz)));
  }

  /** Tell of an artefact. @param {number} one_s @param {number} other_s */
  artefact(one_s, other_s) {
    const start = this.sample_at(Math.min(one_s, other_s));
    const stop = this.sample_at(Math.max(one_s, other_s)) + 1;
    if (stop - start > 1) this.tell("interval", { start, stop });
  }

  destroy() {
    this.sized.disconnect();
    clearTimeout(this.settling);
  }
}
