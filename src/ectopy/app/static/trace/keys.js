// Keys of the trace, for those who handle them and for the page that tells them.

/** @type {{keys: string[], does: string}[]} */
export const KEYS = [
  { keys: ["←", "→"], does: "move the strip by a second (with Shift by a tenth)" },
  { keys: ["Page Up", "Page Down"], does: "move by a screen; in full disclosure by an hour" },
  { keys: ["Home", "End"], does: "go to the beginning, to the end" },
  { keys: ["↑", "↓"], does: "beat before, beat after (with Shift select them too)" },
  { keys: ["Space"], does: "select the beat, or no longer" },
  { keys: ["+", "−"], does: "faster or slower paper" },
  { keys: [",", "."], does: "lower or higher gain" },
  { keys: ["C"], does: "calipers: arrows move an edge, with Shift both; Space marches them on" },
  { keys: ["I"], does: "insert a beat: click on its peak, or move the line and press Enter" },
  { keys: ["A"], does: "artefact: drag over it, or mark its two ends with Enter" },
  { keys: ["D"], does: "full disclosure, and back" },
  { keys: ["Esc"], does: "back to moving; select nothing" },
];
