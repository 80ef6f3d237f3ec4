// The trace viewer: the day above, the strip or the full disclosure below, told in text as well.

import { Beats } from "./beats.js";
import { Day } from "./day.js";
import { Disclosure } from "./disclosure.js";
import { Rhythms } from "./rhythms.js";
import { Signal } from "./signal.js";
import { Strip } from "./strip.js";
import { readTheme } from "./theme.js";
import { Clock } from "./time.js";
import { toolbar } from "./toolbar.js";
import { View } from "./view.js";

const PATIENCE_MS = 1500; // in a page that is not looked at nothing is drawn

/**
 * @typedef {object} Recording
 * @property {string} id
 * @property {number} fs_hz
 * @property {number} n_samples
 * @property {number} duration_s
 * @property {{number?: number, name: string, leading?: boolean, amplitude_mv?: number | null}[]} leads
 * @property {string | null} start
 */

/**
 * Asks the service about the recording; rejects with an Error that says what is wrong.
 * @typedef {object} Api
 * @property {(path: string, params?: object) => Promise<any>} get JSON of `rhythm`, ...
 * @property {(path: string, params?: object) => Promise<{buffer: ArrayBuffer, headers: Headers}>} binary
 * @property {(params: object) => Promise<{buffer: ArrayBuffer, headers: Headers}>} window
 */

/**
 * Make the trace of a recording.
 *
 * The bus is listened to for `goto` ({time_s}), `select` ({samples}), `edited` and `theme`. The
 * trace itself sends `selected` ({samples}), `inserted` ({sample}), `interval` ({start, stop}) and
 * `moved` ({start_s, stop_s}).
 * @param {HTMLElement} element Empty; it gives the size.
 * @param {{recording: Recording, api: Api, bus: EventTarget}} given
 */
export function createTrace(element, { recording, api, bus }) {
  return new Trace(element, recording, api, bus);
}

class Trace extends EventTarget {
  /**
   * @param {HTMLElement} element @param {Recording} recording
   * @param {Api} api @param {EventTarget} bus
   */
  constructor(element, recording, api, bus) {
    super();
    this.element = element;
    this.bus = bus;
    this.view = new View(recording);
    const view = this.view;
    const clock = new Clock(recording.start);
    const signal = new Signal(api);
    const rhythms = new Rhythms(api);
    this.beats = new Beats(api, recording);
    this.rhythms = rhythms;
    const parts = { view, signal, beats: this.beats, rhythms, clock };
    const disclose = () => this.disclose(this.disclosure.element.hidden);
    this.strip = new Strip({ ...parts, events: this, disclose });
    this.day = new Day(parts);
    this.disclosure = new Disclosure({
      ...parts,
      baseline: () => this.strip.tiles.baseline,
      say: (text) => {
        this.strip.live.textContent = text;
      },
      jump: (time_s) => {
        this.disclose(false);
        if (!Number.isNaN(time_s)) view.centre(time_s);
      },
    });
    this.tools = toolbar(view, this.disclosure, disclose);
    element.classList.add("trace");
    element.replaceChildren(
      this.day.element, this.tools.element, this.strip.element, this.disclosure.element, this.strip.live,
    );
    this.stop = new AbortController();
    const { signal: until } = this.stop;
    /** @param {string} name @param {(detail: any) => void} act */
    const heard = (name, act) =>
      bus.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail), { signal: until });
    heard("goto", ({ time_s }) => this.goto(time_s));
    heard("select", ({ samples }) => this.select(samples));
    heard("edited", () => this.edited());
    heard("theme", () => this.#dress());
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.#dress(), { signal: until });
    view.addEventListener("selected", () =>
      this.dispatchEvent(new CustomEvent("selected", { detail: { samples: [...view.selected] } })),
    );
    this.strip.resize();
    this.#dress();
    // What the strip shows is asked for at once, not after a frame; all else when it is drawn.
    this.strip.tiles.want();
    this.beats.need(view.start_s, view.stop_s);
    /** The strip is drawn, or it will not be soon. @type {Promise<void>} */
    this.drawn = Promise.race([this.strip.drawn, new Promise((done) => setTimeout(done, PATIENCE_MS))]);
    this.drawn.then(() => {
      if (until.aborted) return;
      rhythms.load();
      this.beats.load_all();
    });
  }

  #dress() {
    const theme = readTheme(this.element);
    this.strip.dress(theme);
    this.day.dress(theme);
    this.disclosure.dress(theme);
  }

  /** Milliseconds of the last frames of the strip. */
  get frames() {
    return this.strip.frames;
  }

  get mode() {
    return this.view.mode;
  }

  set mode(mode) {
    this.view.set_mode(mode);
  }

  /** Bring a time to the middle of the strip. @param {number} time_s */
  goto(time_s) {
    this.disclose(false);
    this.view.centre(time_s);
  }

  /** Select beats from outside; nobody is told. @param {number[]} samples */
  select(samples) {
    this.view.active = samples.length ? samples[0] : this.view.active;
    this.view.select(samples, false);
  }

  /** Labels were changed: load them again, those in view first. */
  edited() {
    this.beats.edited();
    this.beats.need(this.view.start_s, this.view.stop_s);
    this.rhythms.load();
  }

  /**
   * Handle a key that nothing else took, as if the strip or the full disclosure had the focus.
   * @param {KeyboardEvent} event @returns {boolean} Whether it was one of the trace.
   */
  key(event) {
    return this.disclosure.element.hidden ? this.strip.key(event) : this.disclosure.key(event);
  }

  /** Show the full disclosure, or the strip. @param {boolean} full */
  disclose(full) {
    if (full === !this.disclosure.element.hidden) return;
    const focused = this.element.contains(document.activeElement);
    this.strip.shown = !full;
    clearTimeout(this.strip.settling); // the line of text is the page's now, or told anew
    this.strip.element.hidden = full;
    if (full) this.disclosure.show(this.view.start_s + this.view.span_s / 2);
    else this.disclosure.hide();
    this.tools.shown();
    const { mirror } = full ? this.disclosure.pane : this.strip.pane;
    if (focused) mirror.element.focus({ preventScroll: true });
    this.strip.resize();
    this.strip.request();
  }

  /** Let go of everything. */
  destroy() {
    this.stop.abort();
    this.strip.destroy();
    this.day.destroy();
    this.disclosure.destroy();
    this.element.replaceChildren();
  }
}
