// RR intervals: a histogram by class, and each interval against the one before, with a lasso.

import { h, say } from "../dom.js";
import { LETTERS, plural } from "../format.js";
import { beatTable } from "./beat_table.js";
import { inside } from "./lasso.js";
import { Plot, ticks } from "./plot.js";

const LEFT = 40;
const FOOT = 20;
const BIN_S = 0.02;
const MOST_S = 3;

/** @param {import("./desk.js").Desk} desk @returns {import("./panels.js").Panel} */
export function intervals(desk) {
  /** @type {import("./beat_table.js").BeatTable | null} */
  let beats = null;
  let top_s = 1.5;
  /** @type {[number, number][]} Corners of the lasso, in seconds. */
  let lasso = [];
  let pointer = /** @type {number | null} */ (null);
  const scatter = new Plot(drawScatter, "square");
  const histogram = new Plot(drawHistogram, "short");
  const told = h("p.soft", { "aria-live": "polite" });
  const rows = h("div.scroll", { tabindex: 0, role: "region", "aria-label": "RR intervals by class" });
  const from = h("input", { type: "number", min: 0, max: 10000, step: 10, value: "300", required: true });
  const to = h("input", { type: "number", min: 0, max: 10000, step: 10, value: "500", required: true });
  const which = h("select", {}, h("option", { value: "" }, "any class"), ...LETTERS.map((one) => h("option", {}, one)));
  const form = h("form.row.wrap", { onsubmit: byRange },
    h("label.field", {}, "RR from, ms", from), h("label.field", {}, "to, ms", to), h("label.field", {}, "Class", which), h("button", { type: "submit" }, "Select"));
  const element = h("div", {},
    h("div.body", {},
      h("h2", {}, "RR interval against the one before it, s"),
      h("p.soft", {}, "Draw around points to select their beats; a click shows the nearest. Longer intervals are at the edge."),
      scatter.element, told, form,
      h("h2", {}, "RR histogram, s"), histogram.element,
      h("details", {}, h("summary", {}, "As a table"), rows)),
  );

  async function load() {
    beats = await beatTable(desk.api);
    const known = Array.from(beats.rr_s).filter((rr) => Number.isFinite(rr)).sort((a, b) => a - b);
    top_s = Math.min(MOST_S, Math.max(0.6, Math.ceil((known[Math.floor(known.length * 0.995)] ?? 1) * 1.1 * 10) / 10));
    const middle = known[Math.floor(known.length / 2)];
    scatter.says(middle === undefined ? "No interval" : `${plural(known.length, "interval")}, half of them under ${Math.round(1000 * middle)} ms; the table below tells of each class`);
    histogram.says("Histogram of the intervals by class; the table below tells of each class");
    table();
    scatter.redraw();
    histogram.redraw();
  }

  function table() {
    if (!beats) return;
    /** @type {number[][]} */
    const by_class = LETTERS.map(() => []);
    for (let i = 0; i < beats.n; i += 1) if (Number.isFinite(beats.rr_s[i])) by_class[beats.classes[i]].push(1000 * beats.rr_s[i]);
    rows.replaceChildren(
      h("table.dense", {},
        h("thead", {}, h("tr", {}, ...["Class", "Beats", "Shortest, ms", "Middle, ms", "Longest, ms"].map((t) => h("th", { scope: "col" }, t)))),
        h("tbody", {}, ...by_class.map((values, i) => {
          values.sort((a, b) => a - b);
          const cell = (/** @type {number | undefined} */ v) => h("td", {}, v === undefined ? "–" : Math.round(v));
          return h("tr", {}, h("th", { scope: "row" }, LETTERS[i]), h("td", {}, values.length), cell(values[0]), cell(values[values.length >> 1]), cell(values.at(-1)));
        }))),
    );
  }

  /** @param {Event} event */
  function byRange(event) {
    event.preventDefault();
    if (!beats) return;
    const found = [];
    for (let i = 0; i < beats.n; i += 1) {
      const ms = 1000 * beats.rr_s[i];
      if (ms >= Number(from.value) && ms <= Number(to.value) && (!which.value || LETTERS[beats.classes[i]] === which.value)) found.push(beats.samples[i]);
    }
    choose(found);
  }

  /** @param {number[]} samples */
  function choose(samples) {
    told.textContent = samples.length ? `${plural(samples.length, "beat")} selected: N S V F Q says what they are` : "No beat there";
    desk.select(samples, { show: true });
  }

  /** Seconds to places. @param {number} width @param {number} height */
  const scale = (width, height) => ({
    x: (/** @type {number} */ s) => LEFT + (Math.min(s, top_s) / top_s) * (width - LEFT - 6),
    y: (/** @type {number} */ s) => height - FOOT - (Math.min(s, top_s) / top_s) * (height - FOOT - 6),
  });

  /** @type {import("./plot.js").Draw} */
  function drawScatter(ctx, width, height, colour) {
    const { x, y } = scale(width, height);
    axes(ctx, width, height, colour, ticks(0, top_s, 5), x, y);
    if (!beats) return;
    const chosen = new Set(desk.selection);
    const size = beats.n > 20_000 ? 1.5 : 2.5;
    for (const [c, one] of LETTERS.entries()) {
      ctx.fillStyle = colour(`fill-${one}`);
      for (let i = 1; i < beats.n; i += 1) {
        if (beats.classes[i] === c) ctx.fillRect(x(beats.rr_s[i - 1]) - size / 2, y(beats.rr_s[i]) - size / 2, size, size);
      }
    }
    ctx.fillStyle = colour("ink");
    for (let i = 1; chosen.size && i < beats.n; i += 1) {
      if (chosen.has(beats.samples[i])) ctx.fillRect(x(beats.rr_s[i - 1]) - 2, y(beats.rr_s[i]) - 2, 4, 4);
    }
    if (lasso.length > 1) {
      ctx.strokeStyle = colour("ink");
      ctx.setLineDash([4, 3]);
      ctx.beginPath();
      for (const [a, b] of lasso) ctx.lineTo(LEFT + (a / top_s) * (width - LEFT - 6), height - FOOT - (b / top_s) * (height - FOOT - 6));
      ctx.closePath();
      ctx.stroke();
      ctx.setLineDash([]);
    }
  }

  /** @type {import("./plot.js").Draw} */
  function drawHistogram(ctx, width, height, colour) {
    const bins = Math.round(top_s / BIN_S);
    const counts = LETTERS.map(() => new Uint32Array(bins));
    for (let i = 0; beats && i < beats.n; i += 1) {
      const bin = Math.floor(beats.rr_s[i] / BIN_S);
      if (bin >= 0 && bin < bins) counts[beats.classes[i]][bin] += 1;
    }
    let most = 1;
    for (let b = 0; b < bins; b += 1) most = Math.max(most, counts.reduce((n, one) => n + one[b], 0));
    const { x } = scale(width, height);
    const y = (/** @type {number} */ n) => height - FOOT - (n / most) * (height - FOOT - 6);
    axes(ctx, width, height, colour, ticks(0, top_s, 5), x, y, ticks(0, most, 3));
    for (let b = 0; b < bins; b += 1) {
      let under = 0;
      for (const [c, one] of LETTERS.entries()) {
        const n = counts[c][b];
        if (!n) continue;
        ctx.fillStyle = colour(`fill-${one}`);
        ctx.fillRect(x(b * BIN_S), y(under + n), Math.max(1, x(BIN_S) - x(0) - 0.5), y(under) - y(under + n));
        under += n;
      }
    }
  }

  /** @param {PointerEvent} event @returns {[number, number]} */
  function seconds(event) {
    const [px, py] = scatter.at(event);
    const { clientWidth: width, clientHeight: height } = scatter.canvas;
    return [((px - LEFT) / (width - LEFT - 6)) * top_s, ((height - FOOT - py) / (height - FOOT - 6)) * top_s];
  }

  const { canvas } = scatter;
  canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    lasso = [seconds(event)];
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (event.pointerId !== pointer) return;
    lasso.push(seconds(event));
    scatter.redraw();
  });
  canvas.addEventListener("pointerup", () => finish());
  canvas.addEventListener("pointercancel", () => {
    pointer = null;
    lasso = [];
    scatter.redraw();
  });

  function finish() {
    pointer = null;
    const corners = lasso;
    lasso = [];
    if (!beats) return;
    const spread = Math.max(...corners.map(([a, b]) => Math.hypot(a - corners[0][0], b - corners[0][1])));
    if (spread > top_s * 0.02) return choose(inside(corners, beats, top_s));
    let best = -1;
    let least = top_s * 0.04;
    for (let i = 1; i < beats.n; i += 1) {
      const far = Math.hypot(Math.min(beats.rr_s[i - 1], top_s) - corners[0][0], Math.min(beats.rr_s[i], top_s) - corners[0][1]);
      if (far < least) [best, least] = [i, far];
    }
    if (best >= 0) choose([beats.samples[best]]);
    else say("No point there");
  }

  desk.addEventListener("selected", () => scatter.redraw());
  return { name: "intervals", title: "RR", key: "R", element, load };
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {number} width @param {number} height
 * @param {(name: string) => string} colour @param {number[]} across
 * @param {(v: number) => number} x @param {(v: number) => number} y @param {number[]} up
 */
function axes(ctx, width, height, colour, across, x, y, up = across) {
  ctx.strokeStyle = colour("line");
  ctx.fillStyle = colour("soft");
  ctx.textBaseline = "top";
  ctx.textAlign = "center";
  for (const tick of across) {
    line(ctx, x(tick), 4, x(tick), height - FOOT);
    ctx.fillText(String(tick), Math.min(x(tick), width - 10), height - FOOT + 4);
  }
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  for (const tick of up) {
    line(ctx, LEFT, y(tick), width - 6, y(tick));
    ctx.fillText(String(tick), LEFT - 5, Math.max(8, y(tick)));
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {number} a @param {number} b @param {number} c @param {number} d */
function line(ctx, a, b, c, d) {
  ctx.beginPath();
  ctx.moveTo(a, b);
  ctx.lineTo(c, d);
  ctx.stroke();
}
