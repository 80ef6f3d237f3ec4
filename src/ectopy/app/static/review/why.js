// Why the chosen beat is called what it is, as `ectopy explain` tells it.

import { h, letter } from "../dom.js";

/** @param {import("./desk.js").Desk} desk @returns {import("./panels.js").Panel} */
export function why(desk) {
  const body = h("div.body", { "aria-live": "polite", tabindex: 0, role: "region", "aria-label": "Explanation" });
  const element = h("div", {}, body);
  let shown = -1;
  let asked = 0;

  async function load() {
    const now = ++asked;
    const sample = desk.selection[0];
    if (sample === undefined) {
      shown = -1;
      body.replaceChildren(h("p.empty", {}, "Select a beat in the trace: here it is told why the model calls it what it does."));
      return;
    }
    if (sample === shown) return;
    body.replaceChildren(h("p.soft", {}, "The signal is looked at again …"));
    let told;
    try {
      told = await desk.api.get(`why/${sample}`);
    } catch (error) {
      if (now === asked) body.replaceChildren(h("p.empty", {}, error instanceof Error ? `${error.message}.` : ""));
      shown = -1;
      return;
    }
    if (now !== asked) return;
    shown = sample;
    body.replaceChildren(...page(told, desk));
  }

  desk.addEventListener("selected", () => {
    if (!element.hidden) load();
  });
  return { name: "why", title: "Why", key: "W", element, load, opened: load };
}

/** @param {any} told @param {import("./desk.js").Desk} desk */
function page(told, desk) {
  const most = Math.max(0.5, ...told.reasons.map((/** @type {any} */ r) => Math.abs(r.spoke)));
  return [
    h("p.verdict", {}, letter(told.label, !told.certain), ` at ${desk.clock.text(told.time_s, 2)}, as the model labelled it. `, h("strong", {}, told.conclusion)),
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
