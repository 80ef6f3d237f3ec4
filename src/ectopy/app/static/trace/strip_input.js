// Mouse, pen and fingers on the strip: move, zoom, select, measure, insert, mark an artefact.

import { lowerBound } from "./beats.js";

/** CSS pixels. */
const NEAR = 14;
const STILL = { mouse: 4, other: 8 };
const WHEEL_STEP = 60;
const PINCH = 1.35;

/** @typedef {{x: number, y: number}} Point Device pixels of the canvas. */

/** @param {HTMLCanvasElement} canvas @param {import("./strip.js").Strip} strip */
export function pointers(canvas, strip) {
  const { view, scene } = strip;
  /** @type {Map<number, Point>} */
  const down = new Map();
  /** @type {{kind: string, from: Point, start_s: number, moved: boolean, edge?: "a" | "b"} | null} */
  let drag = null;
  let apart = 0;
  let turned = 0;

  /** @param {MouseEvent} event @returns {Point} */
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) * view.dpr, y: (event.clientY - box.top) * view.dpr };
  };
  /** @param {Point} at */
  const time = (at) => view.time_at(at.x - scene.gutter);
  const distance = () => {
    const [one, other] = [...down.values()];
    return Math.hypot(one.x - other.x, one.y - other.y);
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const from = point(event);
    if (from.x < scene.gutter) return;
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, from);
    if (down.size === 2) {
      drag = null;
      view.drag = null;
      apart = distance();
      return;
    }
    drag = { kind: kindOf(event), from, start_s: view.start_s, moved: false };
    if (drag.kind === "calipers") drag.edge = edgeAt(view, from.x - scene.gutter);
  });

  canvas.addEventListener("pointermove", (event) => {
    if (!down.has(event.pointerId)) return;
    const at = point(event);
    down.set(event.pointerId, at);
    if (down.size === 2) {
      const [one, other] = [...down.values()];
      const ratio = distance() / Math.max(1, apart);
      if (ratio > PINCH || ratio < 1 / PINCH) {
        view.zoom(ratio > 1 ? 1 : -1, time({ x: (one.x + other.x) / 2, y: 0 }));
        apart = distance();
      }
      return;
    }
    if (!drag) return;
    const still = (event.pointerType === "mouse" ? STILL.mouse : STILL.other) * view.dpr;
    if (!drag.moved && Math.hypot(at.x - drag.from.x, at.y - drag.from.y) < still) return;
    drag.moved = true;
    if (drag.kind === "move") {
      view.move_to(drag.start_s - (at.x - drag.from.x) / view.px_per_s);
    } else if (drag.kind === "calipers") {
      measure(at);
    } else {
      view.drag = { start_s: time(drag.from), stop_s: time(at) };
      view.changed();
    }
  });

  /** @param {Point} at */
  const measure = (at) => {
    const { from, edge } = /** @type {NonNullable<typeof drag>} */ (drag);
    const box = view.calipers;
    if (edge && box) {
      if (edge === "a") box.a_s = time(at);
      else box.b_s = time(at);
    } else {
      const mv = (from.y - at.y) / view.px_per_mv;
      view.calipers = { a_s: time(from), b_s: time(at), a_mv: 0, b_mv: mv, y: from.y };
    }
    view.changed();
  };

  canvas.addEventListener("pointerup", (event) => {
    if (!down.delete(event.pointerId) || !drag) return;
    const ended = drag;
    drag = null;
    const swept = view.drag;
    view.drag = null;
    if (!ended.moved) {
      clicked(event, time(ended.from));
    } else if (swept && ended.kind === "artefact") {
      strip.artefact(swept.start_s, swept.stop_s);
    } else if (swept) {
      const found = beatsIn(Math.min(swept.start_s, swept.stop_s), Math.max(swept.start_s, swept.stop_s));
      const more = event.ctrlKey || event.metaKey;
      view.select(more ? [...view.selected, ...found] : found);
    }
    view.changed();
  });

  canvas.addEventListener("pointercancel", (event) => {
    down.delete(event.pointerId);
    drag = null;
    view.drag = null;
    view.changed();
  });

  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 16;
      if (event.ctrlKey) {
        turned += event.deltaY * unit;
        if (Math.abs(turned) < WHEEL_STEP) return;
        view.zoom(turned < 0 ? 1 : -1, time(point(event)));
        turned = 0;
        return;
      }
      const by = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
      view.move_to(view.start_s + (by * unit * view.dpr) / view.px_per_s);
    },
    { passive: false },
  );

  /** @param {PointerEvent} event */
  const kindOf = (event) => {
    if (view.mode === "calipers" || view.mode === "artefact") return view.mode;
    return view.mode === "select" || (event.shiftKey && view.mode === "move") ? "select" : "move";
  };

  /** @param {PointerEvent} event @param {number} time_s */
  const clicked = (event, time_s) => {
    if (view.mode === "insert") {
      view.cursor_s = time_s; // the line is where the beat would be
      strip.tell("inserted", { sample: strip.sample_at(time_s) });
      return;
    }
    if (view.mode === "calipers" || view.mode === "artefact") return;
    const near_s = (NEAR * view.dpr) / view.px_per_s;
    const found = beatsIn(time_s - near_s, time_s + near_s);
    const fs_hz = view.recording.fs_hz;
    found.sort((a, b) => Math.abs(a / fs_hz - time_s) - Math.abs(b / fs_hz - time_s));
    const beat = found[0];
    if (beat === undefined) {
      if (view.selected.size) view.select([]);
      return;
    }
    view.active = beat;
    if (event.ctrlKey || event.metaKey || event.shiftKey) toggle(view, beat);
    else view.select([beat]);
  };

  /** @param {number} from_s @param {number} to_s */
  const beatsIn = (from_s, to_s) => {
    const table = strip.beats.table(from_s, to_s);
    if (!table) return [];
    const { fs_hz } = view.recording;
    const first = lowerBound(table.samples, from_s * fs_hz);
    return [...table.samples.subarray(first, lowerBound(table.samples, to_s * fs_hz))];
  };
}

/** @param {import("./view.js").View} view @param {number} beat */
export function toggle(view, beat) {
  const selected = new Set(view.selected);
  if (!selected.delete(beat)) selected.add(beat);
  view.select(selected);
}

/** @param {import("./view.js").View} view @param {number} x @returns {"a" | "b" | undefined} */
function edgeAt(view, x) {
  const box = view.calipers;
  if (!box) return undefined;
  const [a, b] = [box.a_s, box.b_s].map((time_s) => Math.abs(view.x_of(time_s) - x));
  if (Math.min(a, b) > NEAR * view.dpr) return undefined;
  return a < b ? "a" : "b";
}
