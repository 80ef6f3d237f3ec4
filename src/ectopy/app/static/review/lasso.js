// Which beats of the RR scatter lie within a line drawn around them.

/**
 * Longer intervals are at the edge, as they are drawn.
 * @param {[number, number][]} corners Interval before (s), interval (s).
 * @param {{n: number, samples: ArrayLike<number>, rr_s: ArrayLike<number>}} beats
 * @param {number} top_s What the edge stands for.
 * @returns {number[]} Their samples.
 */
export function inside(corners, beats, top_s) {
  const found = [];
  for (let i = 1; i < beats.n; i += 1) {
    if (within(corners, Math.min(beats.rr_s[i - 1], top_s), Math.min(beats.rr_s[i], top_s))) found.push(beats.samples[i]);
  }
  return found;
}

/** Even-odd rule. @param {[number, number][]} corners @param {number} x @param {number} y */
export function within(corners, x, y) {
  let odd = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i, i += 1) {
    const [xi, yi] = corners[i];
    const [xj, yj] = corners[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
}
