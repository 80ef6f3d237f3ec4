// The beats of one template: its overlay in every lead, and each member to look at and to choose.

import { h, say } from "../dom.js";
import { plural } from "../format.js";
import { overlay } from "./overlay.js";
import { Plot } from "./plot.js";

const SHOWN = 1000;

/** @param {import("./desk.js").Desk} desk @param {() => void} left */
export function members(desk, left) {
  /** @type {any} */
  let one = null;
  /** @type {number[]} */
  let samples = [];
  let at = -1;
  /** @type {Set<number>} */
  const ticked = new Set();
  const title = h("h2", {});
  const plots = h("div.overlays", {});
  const list = h("ul.members", { "aria-label": "Members" });
  const into = h("select", { "aria-label": "Template" });
  const told = h("span.soft", { "aria-live": "polite" });
  const element = h("div.stack", { hidden: true },
    h("div.bar", {}, h("button", { onclick: () => close() }, "← All templates"), title),
    h("div.body", {}, plots, h("p.soft", {}, "Tick members to move them, or to split them off. J and K go through them."), list),
    h("div.bar.low.wrap", {}, told,
      h("button", { onclick: () => all() }, "Tick all"), h("button", { onclick: () => split() }, "Split off"),
      h("button", { onclick: () => move() }, "Move to"), into),
  );

  /** All beats of a template. @param {any} cluster @returns {Promise<number[]>} */
  async function every(cluster) {
    const found = [];
    for (let after = -1; ; ) {
      const page = await desk.api.get(`clusters/${cluster.of}/${cluster.cluster}/members`, { after, limit: 10_000 });
      found.push(...page.samples);
      if (page.next === null) return found;
      after = page.next;
    }
  }

  /** @param {any} cluster @param {any[]} clusters */
  async function open(cluster, clusters) {
    one = cluster;
    at = -1;
    ticked.clear();
    element.hidden = false;
    await load(clusters);
    /** @type {HTMLElement | null} */ (element.querySelector("button"))?.focus();
  }

  function close() {
    one = null;
    element.hidden = true;
    left();
  }

  /** @param {any[]} clusters As they stand. */
  async function load(clusters) {
    if (!one) return;
    const found = clusters.find((c) => c.of === one.of && c.cluster === one.cluster);
    if (!found) {
      say(`${one.name} has no member left in class ${one.of}`);
      return close();
    }
    one = found;
    title.textContent = `${one.name}, class ${one.of}: ${plural(one.count, "beat")}`;
    into.replaceChildren(...clusters.filter((c) => c !== one).map((c) => h("option", { value: `${c.of}:${c.cluster}` }, `${c.name} (${c.of}, ${c.count})`)));
    const [seen, known] = await Promise.all([desk.api.get(`clusters/${one.of}/${one.cluster}`), every(one)]);
    samples = known;
    for (const sample of ticked) if (!samples.includes(sample)) ticked.delete(sample);
    plots.replaceChildren(
      ...seen.leads.map((/** @type {string} */ lead, /** @type {number} */ i) => {
        const plot = new Plot(overlay(seen, i), "beat");
        plot.says(`${one.name} in ${lead}: the median over ${seen.members_mv.length} members`);
        plot.redraw();
        return h("figure", {}, plot.element, h("figcaption.soft", {}, lead));
      }),
    );
    list.replaceChildren(...samples.slice(0, SHOWN).map(line));
    if (samples.length > SHOWN) list.append(h("li.soft", {}, `and ${samples.length - SHOWN} more; relabel or split what you saw first`));
    count();
  }

  /** @param {number} sample @param {number} place */
  function line(sample, place) {
    const box = h("input", { type: "checkbox", "aria-label": `Tick the beat at ${desk.clock.text(desk.time_of(sample), 1)}`, onchange: () => {
      if (box.checked) ticked.add(sample);
      else ticked.delete(sample);
      count();
    } });
    box.checked = ticked.has(sample);
    return h("li", {}, box, h("button.quiet", { onclick: () => show(place) }, desk.clock.text(desk.time_of(sample), 1)));
  }

  /** @param {number} place */
  function show(place) {
    at = place;
    desk.select([samples[at]], { show: true });
    const line = list.children[at];
    for (const other of list.children) other.classList.toggle("chosen", other === line);
    line?.scrollIntoView({ block: "nearest" });
  }

  function count() {
    told.textContent = `${plural(ticked.size, "beat")} ticked`;
  }

  function all() {
    const every = ticked.size < samples.length;
    ticked.clear();
    if (every) for (const sample of samples) ticked.add(sample);
    for (const box of list.querySelectorAll("input")) box.checked = every;
    count();
  }

  async function split() {
    if (!ticked.size) return say("Tick members first");
    if (await desk.edit({ kind: "split", samples: [...ticked] }, `${plural(ticked.size, "beat")} split off`)) ticked.clear();
  }

  async function move() {
    if (!ticked.size) return say("Tick members first");
    const [of, cluster] = into.value.split(":");
    if (await desk.edit({ kind: "move", samples: [...ticked], into: { of, cluster: Number(cluster) } }, `${plural(ticked.size, "beat")} moved`)) ticked.clear();
  }

  return {
    element, open, load, samples: every,
    step: (/** @type {number} */ by) => {
      if (samples.length) show(Math.max(0, Math.min(Math.min(SHOWN, samples.length) - 1, at + by)));
    },
  };
}
