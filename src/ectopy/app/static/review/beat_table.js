// All beats of a recording as columns, asked for in binary.

import { LETTERS } from "../format.js";

/**
 * @typedef {{n: number, samples: Float64Array, rr_s: Float32Array, classes: Uint8Array, flags: Uint8Array}} BeatTable
 */

/** @param {import("../api.js").RecordingApi} api @returns {Promise<BeatTable>} */
export async function beatTable(api) {
  const { buffer, headers } = await api.binary("beats.bin");
  const n = Number(headers.get("x-beats"));
  return {
    n,
    samples: new Float64Array(buffer, 0, n),
    rr_s: new Float32Array(buffer, 8 * n, n),
    classes: new Uint8Array(buffer, 12 * n, n),
    flags: new Uint8Array(buffer, 13 * n, n),
  };
}

/** @param {BeatTable} beats @param {number} at */
export const letterOf = (beats, at) => LETTERS[beats.classes[at]];
