// Calipers: a box over the strip, told in ms, 1/min and mV.

/**
 * @typedef {object} Box
 * @property {number} a_s One edge. @property {number} b_s The other, which keys move.
 * @property {number} a_mv Height of one edge, from where its drag began. @property {number} b_mv
 * @property {number} y Device pixels of a_mv = 0.
 */

/** @param {Box} box @returns {{ms: number, per_min: number | null, mv: number}} */
export function measured(box) {
  const ms = Math.abs(box.b_s - box.a_s) * 1000;
  return { ms, per_min: ms > 0 ? 60_000 / ms : null, mv: box.b_mv - box.a_mv };
}

/** @param {Box} box */
export function told(box) {
  const { ms, per_min, mv } = measured(box);
  const rate = per_min === null ? "" : `, ${per_min.toFixed(0)}/min`;
  return `${ms.toFixed(0)} ms${rate}, ${mv.toFixed(2).replace("-", "−")} mV`;
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./view.js").View} view
 * @param {{gutter: number, top: number, bottom: number, width: number}} place
 * @param {string} colour @param {string} plate
 */
export function drawCalipers(ctx, view, place, colour, plate) {
  const box = view.calipers;
  if (!box) return;
  const u = view.dpr;
  const x = [box.a_s, box.b_s].map((time_s) => Math.round(place.gutter + view.x_of(time_s)) + 0.5);
  const y = [box.a_mv, box.b_mv].map((mv) => Math.round(box.y - mv * view.px_per_mv) + 0.5);
  ctx.strokeStyle = colour;
  ctx.lineWidth = Math.max(1, Math.round(1.2 * u));
  ctx.beginPath();
  for (const at of x) {
    ctx.moveTo(at, place.top);
    ctx.lineTo(at, place.bottom);
  }
  for (const at of y) {
    ctx.moveTo(Math.min(...x), at);
    ctx.lineTo(Math.max(...x), at);
  }
  ctx.stroke();
  const step = Math.abs(x[1] - x[0]);
  if (view.marching && step > 4 * u) {
    ctx.setLineDash([4 * u, 4 * u]);
    ctx.beginPath();
    for (let at = Math.max(...x) + step; at < place.width; at += step) march(ctx, at, place);
    for (let at = Math.min(...x) - step; at > place.gutter; at -= step) march(ctx, at, place);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  const text = told(box);
  ctx.font = `600 ${13 * u}px system-ui, sans-serif`;
  const width = ctx.measureText(text).width + 12 * u;
  const height = 22 * u;
  const left = Math.max(place.gutter, Math.min(place.width - width, Math.max(...x) + 6 * u));
  const above = Math.min(...y) - height - 4 * u;
  const top = above > place.top ? above : Math.min(place.bottom - height, Math.max(...y) + 4 * u);
  ctx.fillStyle = plate;
  ctx.fillRect(left, top, width, height);
  ctx.strokeRect(left + 0.5, top + 0.5, width, height);
  ctx.fillStyle = colour;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText(text, left + 6 * u, top + height / 2 + 0.5 * u);
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {number} at
 * @param {{top: number, bottom: number}} place
 */
function march(ctx, at, place) {
  ctx.moveTo(at, place.top);
  ctx.lineTo(at, place.bottom);
}
