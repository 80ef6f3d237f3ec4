// Hour by hour: the table, and the trend of rate and burden above it.

import { h } from "../dom.js";
import { number } from "../format.js";
import { Plot, ticks } from "./plot.js";

/** @typedef {{hour: number, clock: string | null, certain: Record<string, number>, uncertain: number,
 *   hr_mean: number | null, hr_min: number | null, hr_max: number | null, usable_percent: number | null,
 *   veb_couplets: number, veb_runs: number, sveb_couplets: number, sveb_runs: number, pauses: number}} Hour */

const LEFT = 34;

/** @param {import("./desk.js").Desk} desk @returns {import("./panels.js").Panel} */
export function hours(desk) {
  /** @type {Hour[]} */
  let rows = [];
  const rate = new Plot((...a) => drawRate(rows, ...a), "short");
  const burden = new Plot((...a) => drawBurden(rows, ...a), "short");
  const table = h("div.scroll", { tabindex: 0, role: "region", "aria-label": "Hour by hour" });
  const element = h("div", {},
    h("div.body", {},
      h("h3", {}, "Rate, 1/min: lowest, mean, highest"), rate.element,
      h("h3", {}, "Ectopic beats an hour: ", h("b.letter-V", {}, "V"), " and ", h("b.letter-S", {}, "S")), burden.element, table),
  );
  for (const plot of [rate, burden]) {
    plot.canvas.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const [x] = plot.at(event);
      const share = (x - LEFT) / (plot.canvas.clientWidth - LEFT);
      if (share >= 0) desk.goto(share * rows.length * 3600);
    });
  }

  async function load() {
    rows = await desk.api.get("hours");
    const rates = rows.map((r) => r.hr_mean).filter((r) => r !== null);
    rate.says(rates.length ? `Mean rate from ${number(Math.min(...rates))} to ${number(Math.max(...rates))} a minute over ${rows.length} hours; the table below has each` : "No rate");
    burden.says(`${rows.reduce((n, r) => n + r.certain.V, 0)} ventricular and ${rows.reduce((n, r) => n + r.certain.S, 0)} supraventricular beats; the table below has each hour`);
    const head = ["Hour", "Rate", "V", "S", "V runs", "S runs", "Pauses", "Unc.", "Used"];
    table.replaceChildren(
      h("table.dense", {},
        h("thead", {}, h("tr", {}, ...head.map((t) => h("th", { scope: "col" }, t)))),
        h("tbody", {}, ...rows.map((r) =>
          h("tr", {},
            h("th", { scope: "row" }, h("button.quiet", { onclick: () => desk.goto(r.hour * 3600 + 4), "aria-label": `Go to hour ${r.hour}` }, r.clock ?? `${r.hour}:00`)),
            h("td", { title: `${number(r.hr_min)} to ${number(r.hr_max)}` }, number(r.hr_mean)),
            h("td", {}, r.certain.V), h("td", {}, r.certain.S), h("td", {}, r.veb_runs), h("td", {}, r.sveb_runs),
            h("td", {}, r.pauses), h("td", {}, r.uncertain),
            h("td", {}, r.usable_percent === null ? "–" : `${number(r.usable_percent)} %`)))),
      ),
    );
    rate.redraw();
    burden.redraw();
  }

  return { name: "hours", title: "Hours", key: "H", element, load };
}

/**
 * @param {number} low @param {number} high
 * @param {CanvasRenderingContext2D} ctx @param {number} width @param {number} height @param {(name: string) => string} colour
 */
function axis(low, high, ctx, width, height, colour) {
  const y = (/** @type {number} */ value) => height - 6 - ((value - low) / (high - low || 1)) * (height - 14);
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const tick of ticks(low, high, 3)) {
    ctx.strokeStyle = colour("line");
    ctx.beginPath();
    ctx.moveTo(LEFT, y(tick));
    ctx.lineTo(width, y(tick));
    ctx.stroke();
    ctx.fillStyle = colour("soft");
    ctx.fillText(String(tick), LEFT - 4, y(tick));
  }
  return y;
}

/** @param {Hour[]} rows @param {CanvasRenderingContext2D} ctx @param {number} width @param {number} height @param {(name: string) => string} colour */
function drawRate(rows, ctx, width, height, colour) {
  const known = rows.filter((r) => r.hr_mean !== null);
  if (!known.length) return;
  const low = Math.floor(Math.min(...known.map((r) => r.hr_min ?? 0)) / 10) * 10;
  const high = Math.ceil(Math.max(...known.map((r) => r.hr_max ?? 0)) / 10) * 10;
  const y = axis(low, high, ctx, width, height, colour);
  const each = (width - LEFT) / rows.length;
  rows.forEach((r, i) => {
    if (r.hr_mean === null || r.hr_min === null || r.hr_max === null) return;
    const x = LEFT + i * each;
    ctx.fillStyle = colour("chosen");
    ctx.fillRect(x + 1, y(r.hr_max), Math.max(2, each - 2), Math.max(2, y(r.hr_min) - y(r.hr_max)));
    ctx.fillStyle = colour("accent");
    ctx.fillRect(x + 1, y(r.hr_mean) - 1, Math.max(2, each - 2), 2);
  });
}

/** @param {Hour[]} rows @param {CanvasRenderingContext2D} ctx @param {number} width @param {number} height @param {(name: string) => string} colour */
function drawBurden(rows, ctx, width, height, colour) {
  if (!rows.length) return;
  const high = Math.max(1, ...rows.flatMap((r) => [r.certain.V, r.certain.S]));
  const y = axis(0, high, ctx, width, height, colour);
  const each = (width - LEFT) / rows.length;
  const bar = Math.max(1, Math.min(40, each * 0.4));
  rows.forEach((r, i) => {
    const middle = LEFT + (i + 0.5) * each;
    ctx.fillStyle = colour("fill-V");
    ctx.fillRect(middle - bar, y(r.certain.V), bar, y(0) - y(r.certain.V));
    ctx.fillStyle = colour("fill-S");
    ctx.fillRect(middle, y(r.certain.S), bar, y(0) - y(r.certain.S));
  });
}
