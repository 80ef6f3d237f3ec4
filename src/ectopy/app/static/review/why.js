// Why a beat is called what it is, as `ectopy explain` tells it; of several, one after another.

import { h, letter, sentence } from "../dom.js";
import { count } from "../format.js";

/** @param {import("./desk.js").Desk} desk @returns {import("./panels.js").Panel} */
export function why(desk) {
  const which = h("span.grow", { "aria-live": "polite" });
  const bar = h("div.bar", { hidden: true }, which,
    h("button", { "aria-label": "The beat before", title: "The beat before (K)", onclick: () => step(-1) }, "◀"),
    h("button", { "aria-label": "The next beat", title: "The next beat (J)", onclick: () => step(1) }, "▶"));
  const body = h("div.body", { "aria-live": "polite", tabindex: 0, role: "region", "aria-label": "Explanation" });
  const element = h("div", {}, bar, body);
  let at = 0; // which of the selected beats
  let asked = 0;
  /** @type {{sample: number, told: any}} What the model said last; it never changes. */
  let known = { sample: -1, told: null };

  async function load() {
    const now = ++asked;
    const { selection } = desk;
    const sample = selection[at];
    bar.hidden = selection.length < 2;
    if (sample === undefined) {
      body.replaceChildren(h("p.empty", {}, "Select a beat in the trace: here it is told why the model calls it what it does."));
      return;
    }
    which.textContent = `Beat ${count(at + 1)} of the ${count(selection.length)} selected, at ${desk.clock.text(desk.time_of(sample), 2)}`;
    if (sample !== known.sample) body.replaceChildren(h("p.soft", {}, "The signal is looked at again …"));
    try {
      const [told, { beats }] = await Promise.all([
        sample === known.sample ? known.told : desk.api.get(`why/${sample}`),
        desk.api.get("beats", { after: sample - 1, limit: 1 }),
      ]);
      if (now !== asked) return;
      known = { sample, told };
      body.replaceChildren(...page(told, beats[0]?.sample === sample ? beats[0] : null, desk));
    } catch (error) {
      if (now === asked) body.replaceChildren(h("p.empty", {}, error instanceof Error ? sentence(error.message) : ""));
    }
  }

  /** @param {number} by */
  function step(by) {
    at = Math.max(0, Math.min(desk.selection.length - 1, at + by));
    desk.goto(desk.time_of(desk.selection[at]));
    load();
  }

  desk.addEventListener("selected", () => {
    at = 0;
    if (!element.hidden) load();
  });
  return {
    name: "why", title: "Why", key: "W", element, load, opened: load,
    // Of one beat there is no next: J goes to the queue then.
    get step() {
      return desk.selection.length > 1 ? step : undefined;
    },
  };
}

/**
 * @param {any} told @param {any} beat As it is called now; null where it was taken away.
 * @param {import("./desk.js").Desk} desk
 */
function page(told, beat, desk) {
  const most = Math.max(0.5, ...told.reasons.map((/** @type {any} */ r) => Math.abs(r.spoke)));
  const otherwise = beat && (beat.probability === null || (beat.stated && beat.label !== told.label));
  const whose = beat?.stated ? "A reader calls it " : "By what readers stated of others it is ";
  return [
    h("p.verdict", {}, letter(told.label, !told.certain), ` at ${desk.clock.text(told.time_s, 2)}, as the model labelled it. `, h("strong", {}, told.conclusion)),
    otherwise && h("p", {}, whose, letter(beat.label, beat.uncertain), "."),
    h("dl.chances", {}, ...Object.entries(told.probabilities).flatMap(([one, p]) => [h("dt", {}, letter(one)), h("dd", {}, `${(100 * Number(p)).toFixed(1)} %`)])),
    told.doubts.length && h("ul.doubts", {}, ...told.doubts.map((/** @type {string} */ d) => h("li", {}, d))),
    h("table.dense.reasons", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "What"), h("th", { scope: "col" }, `For ${told.label}, against ${told.against}`))),
      h("tbody", {}, ...told.reasons.map((/** @type {any} */ r) =>
        h("tr", {},
          h("th", { scope: "row" }, h("strong", {}, r.name), r.decided && h("span.decided", {}, "decided"), h("span.said", {}, r.said)),
          h("td", {}, h("meter", { min: 0, max: most, value: Math.min(most, Math.abs(r.spoke)), class: r.spoke < 0 ? "against" : "for", "aria-label": `${r.name}: ${r.spoke < 0 ? "against" : "for"}` }),
            h(r.spoke < 0 ? "span.num.against" : "span.num", {}, r.spoke.toFixed(2).replace("-", "−")))))),
    ),
    h("p.soft", {}, `Weights ${told.labelled_by}, ${told.setting}. Numbers are log odds; what is above 0 spoke for the class.`),
  ].filter(Boolean);
}
