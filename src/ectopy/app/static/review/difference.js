// What a proposal would change, counted: from which class to which, uncertain or not.

import { count } from "../format.js";

const MANY = 500; // beats that are not relabelled without a word, or this share of the recording
const MANY_SHARE = 0.05;

/** @param {{beats: number}} proposal @param {number} of Beats of the recording. */
export const isMany = ({ beats }, of) => beats > MANY || beats > MANY_SHARE * of;

/** How many go from which class to which: "12 from N to V". @param {{counts: Record<string, number>}} proposal */
export function inWords({ counts }) {
  const rows = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  const kept = rows.filter(([change]) => change[0] === change[2]).reduce((sum, [, n]) => sum + n, 0);
  const moved = rows.filter(([change]) => change[0] !== change[2]).map(([change, n]) => `${count(n)} from ${change[0]} to ${change[2]}`);
  if (kept) moved.push(`${count(kept)} ${kept === 1 ? "keeps its class and becomes" : "keep their class and become"} certain or uncertain`);
  return moved.join(", ");
}

/** A letter as edits write it, lower case where uncertain. @param {string} one @returns {[string, boolean]} */
const read = (one) => [one.toUpperCase(), one !== one.toUpperCase()];

/** @param {string} one */
export const mark = (one) => (one === one.toUpperCase() ? one : `${one.toUpperCase()}?`);

/**
 * @param {{beats: number, counts: Record<string, number>, before: string, after: string}} proposal
 * @returns {[[string, boolean], [string, boolean], number][]} The most frequent first.
 */
export function changesOf(proposal) {
  const counts = new Map();
  if (proposal.beats === proposal.before.length) {
    for (let i = 0; i < proposal.beats; i += 1) {
      const change = proposal.before[i] + proposal.after[i];
      counts.set(change, (counts.get(change) ?? 0) + 1);
    }
  } else {
    // Of a long one not each beat is sent: then classes alone are told.
    for (const [change, n] of Object.entries(proposal.counts)) counts.set(change.replace(">", ""), n);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([change, n]) => [read(change[0]), read(change[1]), n]);
}
