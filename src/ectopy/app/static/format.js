// Numbers and times as a reader reads them.

/** @param {number} s How long: 24 h 3 min, 5 min, 9.4 s. */
export function lasting(s) {
  if (s < 90) return `${Number(s.toFixed(1))} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
}

/** @param {number} n */
export const count = (n) => n.toLocaleString("en-GB");

/** @param {number} n @param {string} one @param {string} [many] */
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** @param {string} iso A moment, in the time zone of the reader. */
export function moment(iso) {
  if (!iso) return "";
  return new Date(iso).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** @param {number | null | undefined} value @param {number} [digits] */
export const number = (value, digits = 0) =>
  value === null || value === undefined ? "–" : value.toFixed(digits);

/** Classes in the order of the keys. */
export const LETTERS = ["N", "S", "V", "F", "Q"];
export const CLASS_NAMES = /** @type {Record<string, string>} */ ({
  N: "normal", S: "supraventricular", V: "ventricular", F: "fusion", Q: "paced or unknown",
});
