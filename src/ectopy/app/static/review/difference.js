// What a proposal would change, counted: from which class to which, uncertain or not.

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
