// The log of edits: who changed what, when; any of them is undone, or done again.

import { h } from "../dom.js";
import { moment, plural } from "../format.js";

const SAID = /** @type {Record<string, string>} */ ({
  relabel: "relabelled", delete: "taken away", insert: "set", artefact: "artefact", cluster: "template relabelled",
  move: "moved to a template", merge: "templates merged", split: "split off", accept: "agreed",
  adapt: "the rest relabelled", undo: "undone", redo: "done again", state: "state",
});

/** @param {import("./desk.js").Desk} desk @returns {import("./panels.js").Panel} */
export function log(desk) {
  const body = h("div.body", {});
  const told = h("span.soft", {});
  const element = h("div", {},
    h("div.bar", {}, h("button", { onclick: () => desk.undo() }, "Undo ", h("kbd", {}, "Z")), h("button", { onclick: () => desk.redo() }, "Redo ", h("kbd", {}, "⇧Z")), told), body);

  async function load() {
    /** @type {any[]} */
    const rows = [];
    for (let after = 0; ; ) {
      const page = await desk.api.get("edits", { after, limit: 1000 });
      rows.push(...page.edits);
      if (page.next === null) break;
      after = page.next;
    }
    told.textContent = rows.length ? `${plural(rows.length, "entry", "entries")}; none is ever changed` : "";
    if (!rows.length) {
      body.replaceChildren(h("p.empty", {}, "No edit yet: the labels are the model's."));
      return;
    }
    const shown = rows.slice(-500).reverse();
    body.replaceChildren(h("ol.log", { "aria-label": "Edits, the newest first" }, ...shown.map((row) => line(row, rows))));
    if (rows.length > shown.length) body.append(h("p.soft", {}, `The newest ${shown.length} of ${rows.length}.`));
  }

  /** @param {any} row @param {any[]} rows All of the log, from the first. */
  function line(row, rows) {
    const takesBack = row.kind === "undo" || row.kind === "redo";
    const can = !takesBack && row.kind !== "state";
    const act = row.counts
      ? h("button.quiet", { "aria-label": `Undo edit ${row.number}`, onclick: () => desk.undo(row.number) }, "Undo")
      : h("button.quiet", { "aria-label": `Redo edit ${row.number}`, onclick: () => desk.redo(row.number) }, "Redo");
    return h(`li${row.counts ? "" : ".undone"}`, { "data-edit": row.number },
      h("span.no", {}, row.number),
      h("span.what", {}, h("span.words", {}, words(row, rows)), h("span.by", {}, `${row.author}, ${moment(row.at)}${row.counts || takesBack ? "" : " · undone"}`)),
      row.first !== null && h("button.quiet", { "aria-label": `Show edit ${row.number}`, onclick: () => show(row) }, "Show"),
      can && act,
    );
  }

  /** @param {any} row */
  async function show(row) {
    const { samples } = await desk.api.get(`edits/${row.number}`);
    desk.select(samples, { show: true });
  }

  return { name: "log", title: "Edits", key: "L", element, load };
}

/** @param {any} row @param {any[]} rows */
function words(row, rows) {
  // What is done again is the correction; the row that is redone is the undo of it.
  if (row.kind === "redo") return `edit ${rows[row.target - 1].target} ${SAID.redo}`;
  if (row.target) return `edit ${row.target} ${SAID[row.kind]}`;
  if (row.kind === "state") return row.note.reopened ? "reopened by the next edit" : `called ${row.note.state}`;
  if (row.kind === "artefact") return `artefact, ${plural(row.beats, "beat")} left out`;
  const letters = (/** @type {Record<string, number>} */ counts) => Object.entries(counts).map(([k, n]) => `${name(k)}${row.beats > 1 ? ` ${n}` : ""}`).join(", ");
  const change = row.beats ? `: ${letters(row.before)} → ${letters(row.after)}` : "";
  return `${SAID[row.kind] ?? row.kind}${row.beats > 1 ? `, ${plural(row.beats, "beat")}` : ""}${change}`;
}

/** A class as the log writes it: lower case is uncertain. @param {string} one */
function name(one) {
  if (one === "-") return "none";
  if (one === "=") return "as it was";
  return one === one.toUpperCase() ? one : `${one.toUpperCase()}?`;
}
