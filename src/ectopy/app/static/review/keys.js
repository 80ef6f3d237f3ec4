// Keys of a review: what each does, for the page that tells them; `keyboard.js` acts on them.

/** @type {{keys: string[], does: string}[]} */
export const KEYS = [
  { keys: ["N", "S", "V", "F", "Q"], does: "call the selected beats so, or all beats of a template: what was chosen last" },
  { keys: ["Delete", "Backspace"], does: "take the selected beats away: they are none" },
  { keys: ["I"], does: "insert a beat: click on its peak, then N S V F Q says what it is" },
  { keys: ["A"], does: "artefact: drag over a stretch that is to be left out" },
  { keys: ["Z", "Shift+Z"], does: "undo your last edit; redo it (any other one: in the log)" },
  { keys: ["Enter"], does: "agree with the chosen item of the queue, and go on to the next" },
  { keys: ["J", "K"], does: "next item of the list, the one before (in Why: of the selected beats); the strip follows" },
  { keys: ["G"], does: "the queue: what must not be missed" },
  { keys: ["E"], does: "the lists of events" },
  { keys: ["H"], does: "hour by hour, and the trend" },
  { keys: ["R"], does: "RR intervals: histogram and scatter" },
  { keys: ["T"], does: "templates" },
  { keys: ["W"], does: "why the chosen beat is called what it is" },
  { keys: ["L"], does: "the log of edits" },
  { keys: ["M"], does: "learn from corrections: answer for beats, relabel the rest" },
  { keys: ["P"], does: "sign, export, compare readers" },
  { keys: ["1", "2", "3"], does: "paper speed 12.5, 25, 50 mm/s" },
  { keys: ["Esc"], does: "select nothing, and back to moving" },
  { keys: ["?"], does: "this page" },
];
