// A template drawn: members over one another, and their median.

/**
 * @param {any} seen As GET .../clusters/{of}/{cluster} tells it.
 * @param {number} lead Its place in `seen.leads`.
 * @returns {import("./plot.js").Draw}
 */
export const overlay = (seen, lead) => (ctx, width, height, colour) => {
  const median = seen.median_mv[lead];
  const members = seen.members_mv.map((/** @type {any} */ one) => one[lead]);
  const known = [median, ...members].flat().filter((/** @type {number | null} */ v) => v !== null);
  const low = Math.min(...known, -0.2);
  const high = Math.max(...known, 0.8);
  const x = (/** @type {number} */ i) => (i / (median.length - 1)) * width;
  const y = (/** @type {number} */ v) => height - 4 - ((v - low) / (high - low)) * (height - 8);
  ctx.strokeStyle = colour("line");
  const peak = seen.before_s * seen.rate_hz;
  stroke(ctx, [[x(peak), 0], [x(peak), height]]);
  stroke(ctx, [[0, y(0)], [width, y(0)]]);
  ctx.strokeStyle = colour("edge");
  ctx.globalAlpha = 0.45;
  for (const member of members) curve(ctx, member, x, y);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = colour(`fill-${seen.cluster.of}`);
  ctx.lineWidth = 2;
  curve(ctx, median, x, y);
  ctx.lineWidth = 1;
  // A millivolt, to compare heights by.
  ctx.strokeStyle = colour("ink");
  stroke(ctx, [[width - 4, y(low)], [width - 4, y(low + Math.min(1, high - low))]]);
};

/** @param {CanvasRenderingContext2D} ctx @param {(number | null)[]} values @param {(i: number) => number} x @param {(v: number) => number} y */
function curve(ctx, values, x, y) {
  ctx.beginPath();
  let on = false;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value === null) on = false;
    else if (on) ctx.lineTo(x(i), y(value));
    else {
      ctx.moveTo(x(i), y(value));
      on = true;
    }
  }
  ctx.stroke();
}

/** @param {CanvasRenderingContext2D} ctx @param {[number, number][]} points */
function stroke(ctx, points) {
  ctx.beginPath();
  for (const [a, b] of points) ctx.lineTo(a, b);
  ctx.stroke();
}
