// What stands beside the trace, and what binds it together: panels, counts, keys, one selection for all.

import { by, calm, fault, h } from "../dom.js";
import { CLASS_NAMES, count, lasting, LETTERS, moment, plural } from "../format.js";
import { events } from "./events.js";
import { hours } from "./hours.js";
import { intervals } from "./intervals.js";
import { listen } from "./keyboard.js";
import { learn } from "./learn.js";
import { log } from "./log.js";
import { Panels } from "./panels.js";
import { queue } from "./queue.js";
import { sign } from "./sign.js";
import { templates } from "./templates.js";
import { why } from "./why.js";

/** @typedef {import("./desk.js").Desk} Desk */

const LOOK_AGAIN_MS = 15_000;

/** @param {Desk} desk @param {any} trace @param {string} reader */
export async function beside(desk, trace, reader) {
  const panels = new Panels(by("tabs"), by("panel-host"), [
    queue(desk), events(desk), hours(desk), intervals(desk), templates(desk), why(desk), learn(desk),
    log(desk), sign(desk, reader),
  ]);
  wire(desk, trace, panels);
  listen(desk, trace, panels);
  standing(desk);
  panels.show(location.hash.slice(1) || "queue");
  await desk.count();
  counts(desk);
  setInterval(() => document.hidden || desk.refresh().catch(fault), LOOK_AGAIN_MS);
}

/** @param {Desk} desk @param {any} trace @param {Panels} panels */
function wire(desk, trace, panels) {
  trace.addEventListener("selected", (/** @type {CustomEvent} */ e) => desk.select(e.detail.samples, { from: "trace" }));
  trace.addEventListener("inserted", (/** @type {CustomEvent} */ e) => {
    desk.select([]);
    desk.inserting = e.detail.sample;
    desk.tell("selected");
  });
  trace.view.addEventListener("mode", () => trace.mode === "insert" || desk.drop());
  trace.addEventListener("interval", (/** @type {CustomEvent} */ e) => {
    const { start, stop } = e.detail;
    trace.mode = "move";
    desk.edit({ kind: "artefact", start, stop }, `Artefact of ${lasting(desk.time_of(stop - start))} is left out`);
  });
  desk.addEventListener("changed", () => {
    panels.changed();
    counts(desk);
    standing(desk);
    chosen(desk);
  });
  desk.addEventListener("standing", () => standing(desk));
  desk.addEventListener("selected", () => chosen(desk));
  document.addEventListener("ectopy-theme", () => desk.tell("theme"));
  by("undo").addEventListener("click", () => desk.undo());
  by("redo").addEventListener("click", () => desk.redo());
  by("standing").addEventListener("click", () => panels.show("sign", true));
  const keys = LETTERS.map((one) => h(`button.key.letter-${one}`, { title: `${CLASS_NAMES[one]} (${one})`, "aria-label": `${one}: ${CLASS_NAMES[one]}`, onclick: () => desk.label(one) }, one));
  by("chosen-keys").append(
    ...keys,
    h("button.danger", { title: "They are no beats (Delete)", onclick: () => desk.remove() }, "Delete"),
    h("button", { title: "Why is it called that? (W)", onclick: () => panels.show("why", true) }, "Why"),
    h("button.quiet", { title: "Select nothing (Esc)", onclick: () => desk.select([]) }, "Clear"),
  );
  addEventListener("unhandledrejection", (event) => fault(event.reason));
  chosen(desk);
  calm();
}

/** @param {Desk} desk */
function counts(desk) {
  by("classes").replaceChildren(
    ...LETTERS.map((one) =>
      h("li", { title: CLASS_NAMES[one] }, h(`b.letter-${one}`, {}, one), " ", h("span", { "data-class": one }, count(desk.classes[one] ?? 0))),
    ),
  );
}

/** @param {Desk} desk */
function standing(desk) {
  const { status, by: reader, at } = desk.standing;
  const button = by("standing");
  button.textContent = status;
  button.dataset.status = status;
  button.title = reader ? `${status} by ${reader}, ${moment(at)}` : "nobody has signed it";
}

let asked = 0;

/** Tell what is selected. @param {Desk} desk */
async function chosen(desk) {
  const place = by("chosen-text");
  const { selection, inserting } = desk;
  const now = ++asked;
  for (const button of by("chosen-keys").querySelectorAll("button")) button.disabled = !selection.length;
  if (inserting !== null) {
    for (const button of by("chosen-keys").querySelectorAll(".key")) button.disabled = false;
    place.textContent = `New beat at ${desk.clock.text(desk.time_of(inserting), 2)}: which class?`;
    return;
  }
  if (!selection.length) {
    place.textContent = "No beat selected";
    return;
  }
  if (selection.length > 1) {
    place.textContent = `${plural(selection.length, "beat")} from ${desk.clock.text(desk.time_of(selection[0]), 1)} to ${desk.clock.text(desk.time_of(selection[selection.length - 1]), 1)}`;
    return;
  }
  const { beats } = await desk.api.get("beats", { after: selection[0] - 1, limit: 1 });
  if (now !== asked) return;
  const beat = beats[0];
  if (beat?.sample !== selection[0]) {
    place.textContent = "That beat is not there any more";
    return;
  }
  const sure = beat.stated ? "stated by a reader" : `${beat.probability === null ? "by what readers stated of others" : `${Math.round(100 * beat.probability)} %`}${beat.uncertain ? ", uncertain" : ""}`;
  const rr = beat.rr_s === null ? "" : `, RR ${Math.round(1000 * beat.rr_s)} ms`;
  place.textContent = `${desk.clock.text(beat.time_s, 2)}: ${beat.label} (${sure})${rr}`;
}

