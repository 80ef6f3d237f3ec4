// Lists of events: couplets, runs, pauses and their like, as the labels stand.

import { h } from "../dom.js";
import { count } from "../format.js";
import { List } from "./list.js";

const KINDS = ["single", "couplet", "run", "bigeminy", "trigeminy", "pause"];
const OF = /** @type {Record<string, string>} */ ({ VEB: "ventricular", SVEB: "supraventricular", RR: "interval" });

/** @param {import("./desk.js").Desk} desk @returns {import("./panels.js").Panel} */
export function events(desk) {
  const kind = h("select", { onchange: () => load() }, h("option", { value: "" }, "all"), ...KINDS.map((k) => h("option", {}, k)));
  const of = h("select", { onchange: () => load() }, h("option", { value: "" }, "all"), ...Object.entries(OF).map(([k, t]) => h("option", { value: k }, t)));
  kind.value = "";
  const told = h("span.soft", {});
  const empty = h("p.empty", { hidden: true }, "No such event.");
  const more = h("button.quiet", { hidden: true, onclick: () => load(true) }, "More");
  let next = -1;
  const list = new List("Events", {
    key: (/** @type {any} */ e) => `${e.kind}:${e.of}:${e.first}`,
    draw: (e) => [
      h("span.when", {}, desk.clock.text(e.start_s)),
      h("span.what", {}, words(e), !e.certain && h("span.doubt", {}, "uncertain")),
      h("span.kind", {}, e.rate_bpm ? `${Math.round(e.rate_bpm)}/min` : e.of === "RR" ? `${e.duration_s.toFixed(2)} s` : ""),
    ],
    chosen: async (e) => {
      desk.goto(e.start_s + Math.min(e.duration_s / 2, 3));
      const to = desk.time_of(e.last);
      const { beats } = await desk.api.get("beats", { start_s: e.start_s - 0.01 > 0 ? e.start_s - 0.01 : 0, stop_s: to + 0.01, limit: 5000 });
      desk.select(beats.map((/** @type {any} */ b) => b.sample).filter((/** @type {number} */ s) => s >= e.first && s <= e.last));
    },
  });
  const element = h("div", {},
    h("div.bar", {}, h("label.field.inline", {}, "Kind ", kind), h("label.field.inline", {}, "Of ", of), told),
    h("div.body", {}, list.element, empty, more),
  );

  async function load(further = false) {
    const found = await desk.api.get("events", { kind: kind.value, of: of.value, limit: 400, after: further ? next : -1 });
    next = found.next ?? -1;
    more.hidden = found.next === null;
    list.fill(further ? [...list.items, ...found.events] : found.events);
    told.textContent = count(found.total);
    empty.hidden = found.total > 0;
  }

  return { name: "events", title: "Events", key: "E", element, load, step: (by) => list.step(by) };
}

/** @param {any} e */
function words(e) {
  if (e.of === "RR") return e.kind;
  if (e.kind === "single") return `single ${e.of}`;
  return e.kind === "couplet" ? `${e.of} couplet` : `${e.of} ${e.kind}, ${e.beats} beats`;
}
