// Hour by hour: the table, and the trend of rate and burden above it.

import { h } from "../dom.js";
import { number } from "../format.js";
import { beatTable } from "./beat_table.js";
import { Plot, ticks } from "./plot.js";
import { binOf, trend } from "./trend.js";

/** @typedef {{hour: number, clock: string | null, certain: Record<string, number>, uncertain: number,
 *   hr_mean: number | null, hr_min: number | null, hr_max: number | null, usable_percent: number | null,
 *   veb_couplets: number, veb_runs: number, sveb_couplets: number, sveb_runs: number, pauses: number}} Hour */
/** @typedef {import("./trend.js").Bin} Bin */

const NAMES = /** @type {Record<number, string>} */ ({ 60: "minute", 300: "5 min", 3600: "hour" });
const LEFT = 34;
const HEAD = ["Hour", "Rate", "V", "S", "V runs", "S runs", "Pauses", "Unc.", "Used, %"];

/** @param {import("./desk.js").Desk} desk @returns {import("./panels.js").Panel} */
export function hours(desk) {
  const { duration_s, fs_hz } = desk.recording;
  const width_s = binOf(duration_s);
  /** @type {Bin[]} */
  let bins = [];
  const rate = new Plot((...a) => drawRate(bins, ...a), "short");
  const burden = new Plot((...a) => drawBurden(bins, ...a), "short");
  const table = h("div.scroll", { tabindex: 0, role: "region", "aria-label": "Hour by hour" });
  const each = NAMES[width_s];
  const element = h("div", {},
    h("div.body", {},
      h("h2", {}, `Rate by ${each}, 1/min: median and the middle half`), rate.element,
      h("h2", {}, `Beats by ${each}: `, h("b.letter-V", {}, "V"), " and ", h("b.letter-S", {}, "S")), burden.element, table,
      h("p.soft", {}, "V and S are those that are certain; Unc. counts the uncertain beats of all classes.")),
  );
  for (const plot of [rate, burden]) {
    plot.canvas.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const [x] = plot.at(event);
      const share = (x - LEFT) / (plot.canvas.clientWidth - LEFT);
      if (share >= 0) desk.goto(share * bins.length * width_s);
    });
  }

  async function load() {
    const [beats, /** @type {Hour[]} */ rows] = await Promise.all([beatTable(desk.api), desk.api.get("hours")]);
    bins = trend(beats, fs_hz, duration_s);
    const rates = bins.map((b) => b.middle).filter((r) => r !== null);
    rate.says(rates.length ? `Median rate from ${number(Math.min(...rates))} to ${number(Math.max(...rates))} a minute; the table below tells of each hour` : "No rate is known");
    burden.says(`${bins.reduce((n, b) => n + b.V, 0)} ventricular and ${bins.reduce((n, b) => n + b.S, 0)} supraventricular beats; the table below tells of each hour`);
    table.replaceChildren(
      h("table.dense", {},
        h("thead", {}, h("tr", {}, ...HEAD.map((t) => h("th", { scope: "col" }, t)))),
        h("tbody", {}, ...rows.map(line))),
    );
    rate.redraw();
    burden.redraw();
  }

  /** @param {Hour} r */
  function line(r) {
    const cells = [r.certain.V, r.certain.S, r.veb_runs, r.sveb_runs, r.pauses, r.uncertain, number(r.usable_percent)];
    return h("tr", {},
      h("th", { scope: "row" }, h("button.quiet", { onclick: () => desk.goto(r.hour * 3600 + 4), "aria-label": `Go to hour ${r.hour}` }, r.clock ? said(r.clock) : `${String(r.hour).padStart(2, "0")}:00`)),
      h("td", { title: `${number(r.hr_min)} to ${number(r.hr_max)}` }, number(r.hr_mean)),
      ...cells.map((value) => h("td", {}, value)));
  }

  return { name: "hours", title: "Hours", key: "H", element, load };
}

/**
 * @param {number} low @param {number} high
 * @param {CanvasRenderingContext2D} ctx @param {number} width @param {number} height @param {(name: string) => string} colour
 */
function axis(low, high, ctx, width, height, colour) {
  const y = (/** @type {number} */ value) => height - 8 - ((value - low) / (high - low || 1)) * (height - 16);
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

/** @param {Bin[]} bins @param {CanvasRenderingContext2D} ctx @param {number} width @param {number} height @param {(name: string) => string} colour */
function drawRate(bins, ctx, width, height, colour) {
  const known = bins.filter((b) => b.middle !== null);
  if (!known.length) return;
  const low = Math.floor(Math.min(...known.map((b) => b.low ?? 0)) / 10) * 10;
  const high = Math.ceil(Math.max(...known.map((b) => b.high ?? 0)) / 10) * 10;
  const y = axis(low, high, ctx, width, height, colour);
  const each = (width - LEFT) / bins.length;
  const gap = each > 6 ? 1 : 0;
  bins.forEach((b, i) => {
    if (b.low === null || b.middle === null || b.high === null) return;
    const x = LEFT + i * each;
    ctx.fillStyle = colour("chosen");
    ctx.fillRect(x + gap, y(b.high), Math.max(1, each - 2 * gap), Math.max(2, y(b.low) - y(b.high)));
    ctx.fillStyle = colour("accent");
    ctx.fillRect(x + gap, y(b.middle) - 1, Math.max(1, each - 2 * gap), 2);
  });
}

/** @param {Bin[]} bins @param {CanvasRenderingContext2D} ctx @param {number} width @param {number} height @param {(name: string) => string} colour */
function drawBurden(bins, ctx, width, height, colour) {
  if (!bins.length) return;
  const high = Math.max(1, ...bins.map((b) => Math.max(b.V, b.S)));
  const y = axis(0, high, ctx, width, height, colour);
  const each = (width - LEFT) / bins.length;
  const bar = Math.max(0.5, Math.min(16, each * 0.42));
  bins.forEach((b, i) => {
    const middle = LEFT + (i + 0.5) * each;
    ctx.fillStyle = colour("fill-V");
    ctx.fillRect(middle - bar, y(b.V), bar, y(0) - y(b.V));
    ctx.fillStyle = colour("fill-S");
    ctx.fillRect(middle, y(b.S), bar, y(0) - y(b.S));
  });
}

/** The clock without the first day, and others after it. @param {string} clock day 2 00:30 */
function said(clock) {
  const [, day, time] = clock.match(/^day (\d+) (.*)$/) ?? ["", "1", clock];
  return day === "1" ? time : `${time} d${day}`;
}
