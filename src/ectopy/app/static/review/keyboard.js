// Keys of a review. Nothing fires while a field is typed in, or a dialog is open.

import { typing } from "../dom.js";
import { LETTERS } from "../format.js";

const SPEEDS = /** @type {Record<string, number>} */ ({ 1: 12.5, 2: 25, 3: 50 });
const PANELS = /** @type {Record<string, string>} */ ({
  g: "queue", e: "events", h: "hours", r: "intervals", t: "templates", w: "why", l: "log",
  m: "learn", p: "sign",
});

/**
 * @param {import("./desk.js").Desk} desk @param {any} trace
 * @param {import("./panels.js").Panels} panels
 */
export function listen(desk, trace, panels) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event) || document.querySelector("dialog[open]")) return;
    if (act(event)) event.preventDefault();
  });

  /** Begin with a mode of the trace, or end it; the trace takes the keys then. @param {string} wanted */
  function mode(wanted) {
    trace.disclose(false);
    trace.mode = trace.mode === wanted ? "move" : wanted;
    trace.strip.pane.mirror.element.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  function act(event) {
    const { key } = event;
    const small = key.toLowerCase();
    if (key === "?") {
      window.open("/keys", "ectopy-keys", "noopener");
      return true;
    }
    if (LETTERS.includes(key.toUpperCase()) && key.length === 1) {
      if (event.repeat) return true;
      if (!panels.shown?.label?.(key.toUpperCase())) desk.label(key.toUpperCase());
      return true;
    }
    if (key in SPEEDS) {
      trace.view.set_speed(SPEEDS[key]);
      return true;
    }
    if (small in PANELS && !event.shiftKey) {
      panels.show(PANELS[small], true);
      return true;
    }
    switch (small) {
      case "delete":
      case "backspace":
        if (!panels.shown?.remove?.()) desk.remove();
        return true;
      case "i":
        mode("insert");
        return true;
      case "a":
        mode("artefact");
        return true;
      case "z":
        if (event.shiftKey) desk.redo();
        else desk.undo();
        return true;
      case "j":
        panels.step(1);
        return true;
      case "k":
        panels.step(-1);
        return true;
      case "enter":
        if (pressed(event)) return false;
        if (!event.repeat) panels.accept(); // a key held down agrees with what nobody saw
        return true;
      case "escape":
        trace.mode = "move";
        desk.select([]);
        return true;
      default:
        return trace.key(event);
    }
  }
}

/** Whether Enter belongs to what has the focus. @param {KeyboardEvent} event */
function pressed(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  return Boolean(target.closest("button, a, summary, input, [role=tab]"));
}
