// Templates: beats that look alike. Relabel them as one, look at members, move, merge, split.

import { Refusal } from "../api.js";
import { h, letter, say } from "../dom.js";
import { count, LETTERS, plural } from "../format.js";
import { members } from "./members.js";
import { overlay } from "./overlay.js";
import { Plot } from "./plot.js";

/** @typedef {{of: string, cluster: number, name: string, count: number, uncertain: number, stated: number, share_percent: number, rr_s: number | null, early_percent: number | null, first_s: number}} Cluster */

/** @param {Cluster} one */
const keyOf = (one) => `${one.of}:${one.cluster}`;
/** @param {Cluster} one */
const ref = (one) => ({ of: one.of, cluster: one.cluster });

/** @param {import("./desk.js").Desk} desk @returns {import("./panels.js").Panel} */
export function templates(desk) {
  /** @type {Cluster[]} */
  let clusters = [];
  /** @type {Map<string, HTMLElement>} */
  let cards = new Map();
  /** @type {Set<string>} Those that are ticked, to be merged. */
  const ticked = new Set();
  let chosen = "";
  let revision = -1; // of the templates that are shown
  let busy = false;
  let last = false; // whether it was chosen after the beats that are selected
  const grid = h("ul.cards", { "aria-label": "Templates" });
  const told = h("span.soft", {});
  const keysToo = h("span.soft", { hidden: true }, "N S V F Q mean all of it, too"); // the keys, while it is so
  const bar = h("div.bar.low.wrap", { role: "group", "aria-label": "The chosen template" });
  const merge = h("button", { disabled: true, onclick: () => merged() }, "Merge ticked");
  const inner = members(desk, () => close());
  const outer = h("div.stack", {}, h("div.bar", {}, told, merge), h("div.body", {}, grid), bar);
  const element = h("div", {}, outer, inner.element);
  /** A template is read when it comes into view. */
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      const one = clusters.find((c) => cards.get(keyOf(c)) === entry.target);
      if (one) picture(one, /** @type {HTMLElement} */ (entry.target)).catch((error) => vanished(error, revision));
    }
  });

  /** Whether a key means the template: it was chosen after the beats that are selected. */
  const meant = () => !outer.hidden && last && chosen !== "" && desk.inserting === null;

  const current = () => clusters.find((one) => keyOf(one) === chosen);

  async function load() {
    const found = await desk.api.get("clusters");
    seen.disconnect();
    clusters = found.clusters;
    revision = found.revision;
    for (const key of ticked) if (!clusters.some((one) => keyOf(one) === key)) ticked.delete(key);
    if (!current()) chosen = "";
    cards = new Map(clusters.map((one) => [keyOf(one), card(one)]));
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest(".card-one"))?.dataset.key;
    grid.replaceChildren(...cards.values());
    for (const one of cards.values()) seen.observe(one);
    told.textContent = `${plural(clusters.length, "template")}, ${count(clusters.reduce((n, c) => n + c.count, 0))} beats`;
    if (focused) /** @type {HTMLElement | null} */ (cards.get(focused)?.querySelector("button"))?.focus();
    mark();
    await inner.load(clusters).catch((error) => vanished(error, revision));
  }

  /** @param {Cluster} one */
  function card(one) {
    const key = keyOf(one);
    const tick = h("input", { type: "checkbox", "aria-label": `Tick ${one.name} of class ${one.of}, to merge`, onchange: () => {
      if (tick.checked) ticked.add(key);
      else ticked.delete(key);
      mark();
    } });
    tick.checked = ticked.has(key);
    return h("li.card-one", { "data-key": key },
      h("button.pick", { "aria-pressed": "false", "aria-label": `${one.name}, class ${one.of}, ${plural(one.count, "beat")}`, onclick: () => choose(key) },
        h("span.head", {}, letter(one.of), h("span.grow", {}, one.name), h("span", {}, count(one.count))),
        h("span.room", {}),
        h("span.foot-line", {}, [`${one.share_percent.toFixed(1)} %`, one.uncertain && `${one.uncertain} uncertain`, one.early_percent !== null && one.early_percent >= 1 && `${Math.round(one.early_percent)} % early`].filter(Boolean).join(" · "))),
      h("label.tick", {}, tick),
    );
  }

  /** @param {Cluster} one @param {HTMLElement} place */
  async function picture(one, place) {
    const told = await desk.api.get(`clusters/${one.of}/${one.cluster}`);
    if (!told.leads.length) return;
    const lead = Math.max(0, told.leads.indexOf(desk.recording.leads.find((/** @type {any} */ l) => l.leading)?.name));
    const plot = new Plot(overlay(told, lead), "beat");
    plot.says(`${one.name}: median of ${one.count} beats in ${told.leads[lead]}, over ${told.members_mv.length} of them`);
    place.querySelector(".room")?.replaceChildren(plot.element);
    plot.redraw();
  }

  /**
   * A template that is not there any more: another reader changed it, and all is shown anew. What
   * this reader changed is on its way already.
   * @param {unknown} error @param {number} of Revision of the templates that it was one of.
   */
  async function vanished(error, of) {
    if (!(error instanceof Refusal) || error.status !== 404) throw error;
    if (of === desk.revision) await desk.refresh();
  }

  /** @param {string} key */
  function choose(key) {
    chosen = key;
    last = true;
    mark();
    const one = current();
    if (one) desk.goto(one.first_s);
  }

  function mark() {
    for (const [key, place] of cards) {
      place.querySelector(".pick")?.setAttribute("aria-pressed", String(key === chosen));
      if (key === chosen) place.scrollIntoView({ block: "nearest" });
    }
    merge.disabled = ticked.size < 2;
    const one = current();
    keysToo.hidden = !last;
    bar.replaceChildren(
      ...(one
        ? [h("span", {}, "All of ", h("strong", {}, one.name), ":"),
            ...LETTERS.map((to) => h(`button.key.letter-${to}`, { "aria-label": `Call all of ${one.name} ${to}`, onclick: () => relabel(to) }, to)),
            h("button", { onclick: () => open(one) }, "Members"),
            h("button", { title: "Selects all its beats", onclick: () => everyone(one) }, "Select"),
            h("button", { title: "Beats selected in the trace join this template", onclick: () => move(one) }, "Move selected here"),
            h("button", { title: "Beats selected in the trace become a template of their own", onclick: () => split() }, "Split selected off"), keysToo]
        : [h("span.soft", {}, "Choose a template: its beats are relabelled as one, or looked at.")]),
    );
  }

  /** @param {string} to */
  async function relabel(to) {
    const one = current();
    // Never of templates that an edit has changed meanwhile: they may hold other beats by now.
    if (!one || busy || revision < desk.revision) return say(`The templates are being worked out: press ${to} once more`);
    busy = true;
    const done = await desk.edit({ kind: "cluster", ...ref(one), to }, `All ${count(one.count)} beats of ${one.name}: ${to}`);
    busy = false;
    if (done) chosen = `${to}:${one.cluster}`;
  }

  async function merged() {
    const parts = clusters.filter((one) => ticked.has(keyOf(one))).sort((a, b) => b.count - a.count);
    const [into, ...others] = parts;
    const done = await desk.edit({ kind: "merge", clusters: others.map(ref), into: ref(into) }, `${others.map((one) => one.name).join(", ")} merged into ${into.name}, as ${into.of}`);
    if (!done) return;
    ticked.clear();
    chosen = keyOf(into);
    mark();
  }

  /** @param {Cluster} one */
  function move(one) {
    if (!desk.selection.length) return say("Select beats in the trace or among the members first");
    return desk.edit({ kind: "move", samples: desk.selection, into: ref(one) }, `${plural(desk.selection.length, "beat")} moved to ${one.name}`);
  }

  async function split() {
    if (!desk.selection.length) return say("Select beats in the trace or among the members first");
    const done = await desk.edit({ kind: "split", samples: desk.selection }, `${plural(desk.selection.length, "beat")} split off`);
    if (done) chosen = `${done.edit.note.of}:${done.edit.note.cluster}`; // that they are
  }

  /** @param {Cluster} one */
  async function everyone(one) {
    const { revision: of } = desk;
    try {
      desk.select(await inner.samples(one), { show: true });
    } catch (error) {
      await vanished(error, of);
    }
  }

  /** @param {Cluster} one */
  async function open(one) {
    outer.hidden = true;
    const { revision: of } = desk;
    try {
      await inner.open(one, clusters);
    } catch (error) {
      await vanished(error, of);
    }
  }

  function close() {
    outer.hidden = false;
    /** @type {HTMLElement | null | undefined} */ (cards.get(chosen)?.querySelector("button"))?.focus();
  }

  desk.addEventListener("selected", () => {
    if (desk.selection.length) last = false;
    keysToo.hidden = !last;
  });
  return {
    name: "templates", title: "Templates", key: "T", element, load,
    step: (by) => {
      if (outer.hidden) return inner.step(by);
      const at = clusters.findIndex((one) => keyOf(one) === chosen);
      const next = clusters[Math.max(0, Math.min(clusters.length - 1, at < 0 ? 0 : at + by))];
      if (next) choose(keyOf(next));
    },
    // A letter means what was chosen last: beats, or a whole template.
    label: (to) => {
      if (!meant()) return false;
      relabel(to);
      return true;
    },
    remove: () => {
      if (!meant()) return false;
      say("A template cannot be taken away: press Select for its beats, then Delete");
      return true;
    },
  };
}
