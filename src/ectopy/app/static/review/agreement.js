// Two readers of one recording: what each made of the model's labels, compared by EC57.

import { h, say } from "../dom.js";
import { number, plural } from "../format.js";

/** @param {import("./desk.js").Desk} desk */
export function agreement(desk) {
  const a = h("select", { "aria-label": "First reader, the reference" });
  const b = h("select", { "aria-label": "Second reader" });
  const place = h("div", { "aria-live": "polite" });
  const element = h("div.agreement", {},
    h("p.soft", {}, "Each one's own edits, made of the model's labels alone; the first is the reference."),
    h("div.row.wrap", {}, a, " and ", b, h("button", { onclick: () => compare() }, "Compare")), place);

  async function load() {
    const authors = new Set(["model"]);
    for (let after = 0; ; ) {
      const page = await desk.api.get("edits", { after, limit: 1000 });
      for (const row of page.edits) authors.add(row.author);
      if (page.next === null) break;
      after = page.next;
    }
    for (const [select, other] of [[a, 1], [b, 0]]) {
      const was = select.value;
      const names = [...authors];
      select.replaceChildren(...names.map((name) => h("option", { value: name }, name === "model" ? "the model alone" : name)));
      select.value = names.includes(was) ? was : (names[other] ?? "model");
    }
  }

  async function compare() {
    if (a.value === b.value) return say("Choose two that differ");
    place.replaceChildren(h("p.soft", {}, "Comparing …"));
    try {
      show(await desk.api.get("agreement", { a: a.value, b: b.value }));
    } catch (error) {
      place.replaceChildren();
      throw error;
    }
  }

  /** @param {any} told */
  function show(told) {
    const { report } = told;
    const rows = Object.entries(report.gross ?? {}).filter(([, v]) => v && typeof v === "object" && "se" in v);
    place.replaceChildren(
      h("p", {}, `Cohen's kappa ${number(report.kappa, 3)}; ${plural(told.n_differences, "beat differs", "beats differ")}.`),
      h("table.dense", {},
        h("thead", {}, h("tr", {}, ...["", "Sensitivity", "Positive predictivity"].map((t) => (t ? h("th", { scope: "col" }, t) : h("td", {}))))),
        h("tbody", {}, ...rows.map(([name, v]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, share(v.se)), h("td", {}, share(v.ppv ?? v["+p"])))))),
      told.differences.length ? h("ul.differences", {}, ...told.differences.slice(0, 100).map((/** @type {any} */ row) => line(row, [report.a, report.b]))) : "",
    );
  }

  /** @param {any} row @param {string[]} names */
  function line(row, names) {
    const side = (/** @type {"a" | "b"} */ one) => (row[one] ? `${row[one]}${row[`${one}_uncertain`] ? "?" : ""}` : "no beat");
    const text = `${desk.clock.text(row.time_s, 1)}: ${names[0]} ${side("a")}, ${names[1]} ${side("b")}`;
    return h("li", {}, h("button.quiet", { onclick: () => desk.goto(row.time_s) }, text));
  }

  return { element, load };
}

/** @param {number | null | undefined} value */
const share = (value) => (value === null || value === undefined ? "–" : `${(100 * value).toFixed(2)} %`);
