// Keys of the strip. What is not handled here goes on to the page.

import { lowerBound } from "./beats.js";
import { toggle } from "./strip_input.js";

const MODES = /** @type {Record<string, "calipers" | "insert" | "artefact">} */ ({
  c: "calipers",
  i: "insert",
  a: "artefact",
});
const EDGE_MV = 0.05;

/**
 * @param {import("./strip.js").Strip} strip @param {() => void} disclose
 * @returns {(event: KeyboardEvent) => boolean} Tells whether it was a key of the strip.
 */
export function keys(strip, disclose) {
  const { view } = strip;
  return (event) => !event.ctrlKey && !event.metaKey && !event.altKey && handled(event);

  /** @param {KeyboardEvent} event @returns {boolean} */
  function handled(event) {
    if (view.mode === "calipers" && calipers(event)) return true;
    if (view.cursor_s !== null && cursor(event)) return true;
    const mode = MODES[event.key.toLowerCase()];
    if (mode) {
      view.set_mode(view.mode === mode ? "move" : mode);
      if (view.mode === "calipers") begin();
      return true;
    }
    const step = event.shiftKey ? 0.1 : 1;
    switch (event.key) {
      case "ArrowLeft":
        view.move_to(view.start_s - step);
        return true;
      case "ArrowRight":
        view.move_to(view.start_s + step);
        return true;
      case "ArrowUp":
        return walk(-1, event.shiftKey);
      case "ArrowDown":
        return walk(1, event.shiftKey);
      case "PageUp":
        view.move_to(view.start_s - view.span_s);
        return true;
      case "PageDown":
        view.move_to(view.start_s + view.span_s);
        return true;
      case "Home":
        view.move_to(0);
        return true;
      case "End":
        view.move_to(view.recording.duration_s);
        return true;
      case "+":
      case "=": // the same key, without Shift
        return zoom(1);
      case "-":
      case "−":
        return zoom(-1);
      case ".":
        view.amplify(1);
        return true;
      case ",":
        view.amplify(-1);
        return true;
      case " ":
        if (view.active !== null) toggle(view, view.active);
        return true;
      case "d":
      case "D":
        disclose();
        return true;
      case "Escape":
        return leave();
      default:
        return false;
    }
  }

  /** Zoom about the beat that keys go on from, if it is in view. @param {number} steps */
  function zoom(steps) {
    view.zoom(steps, view.active === null ? undefined : inView(view.active));
    return true;
  }

  /** @param {number} sample */
  function inView(sample) {
    const time_s = sample / view.recording.fs_hz;
    return time_s >= view.start_s && time_s <= view.stop_s ? time_s : undefined;
  }

  function leave() {
    if (view.mode !== "move") view.set_mode("move");
    else if (view.selected.size) view.select([]);
    else return false;
    return true;
  }

  /** Go on to the next beat. @param {number} by @param {boolean} extend */
  function walk(by, extend) {
    const { fs_hz } = view.recording;
    const from = view.active ?? (by > 0 ? view.start_s : view.stop_s) * fs_hz;
    const table = strip.beats.table(from / fs_hz - 30, from / fs_hz + 30);
    if (!table) return true;
    const place = lowerBound(table.samples, by > 0 ? from + 1 : from);
    const next = table.samples[by > 0 ? place : place - 1];
    if (next === undefined) return true;
    view.active = next;
    view.select(extend ? [...view.selected, next] : [next]);
    view.reveal(next / fs_hz);
    return true;
  }

  /** Set calipers in the middle: 800 ms and 1 mV at the first lead. */
  function begin() {
    const middle = view.start_s + view.span_s / 2;
    const { top, row } = strip.scene.leads;
    const y = top + row / 2 + view.px_per_mv / 2;
    view.calipers = { a_s: middle - 0.4, b_s: middle + 0.4, a_mv: 0, b_mv: 1, y };
    view.changed();
  }

  /** @param {KeyboardEvent} event */
  function calipers(event) {
    const box = view.calipers;
    if (event.key === " ") {
      view.marching = !view.marching;
      view.changed();
      return true;
    }
    const step_s = Math.max(0.004, 1 / view.px_per_s);
    const along = { ArrowLeft: -step_s, ArrowRight: step_s }[event.key];
    const up = { ArrowDown: -EDGE_MV, ArrowUp: EDGE_MV }[event.key];
    if (!box || (along === undefined && up === undefined)) return false;
    box.b_s += along ?? 0;
    box.b_mv += up ?? 0;
    if (event.shiftKey) {
      box.a_s += along ?? 0;
      box.a_mv += up ?? 0;
    }
    view.reveal(box.b_s);
    view.changed();
    return true;
  }

  /** A line that arrows move, and Enter sets. @param {KeyboardEvent} event */
  function cursor(event) {
    const at = /** @type {number} */ (view.cursor_s);
    const fine = view.mode === "insert" ? 0.01 : 0.1;
    const along = { ArrowLeft: -fine, ArrowRight: fine }[event.key];
    if (along !== undefined) {
      const next = at + along * (event.shiftKey ? 10 : 1);
      view.cursor_s = Math.max(0, Math.min(view.recording.duration_s, next));
      if (view.drag) view.drag.stop_s = view.cursor_s;
      view.reveal(view.cursor_s);
      view.changed();
      return true;
    }
    if (event.key !== "Enter") return false;
    if (view.mode === "insert") {
      strip.tell("inserted", { sample: strip.sample_at(at) });
    } else if (view.drag) {
      strip.artefact(view.drag.start_s, view.drag.stop_s);
      view.drag = null;
    } else {
      view.drag = { start_s: at, stop_s: at };
    }
    view.changed();
    return true;
  }
}
