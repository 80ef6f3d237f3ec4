// Learn from corrections: answer for the beats that help most, then relabel the rest.

import { confirm, h, letter, say } from "../dom.js";
import { changesOf, inWords, isMany, mark } from "./difference.js";
import { count, plural } from "../format.js";
import { List } from "./list.js";

const ASKED = 8;
const LISTED = 300;

/** @param {import("./desk.js").Desk} desk @returns {import("./panels.js").Panel} */
export function learn(desk) {
  /** @type {any} */
  let proposal = null;
  let mine = ""; // which list J, K and letters act on
  const ask = h("button", { onclick: () => question() }, "Ask me");
  const propose = h("button.primary", { onclick: () => work() }, "Relabel the rest …");
  const asked = h("p.soft", { "aria-live": "polite" });
  const answer = h("div.told", { "aria-live": "polite" });
  const questions = new List("Beats to answer for", {
    key: (/** @type {any} */ beat) => String(beat.sample),
    draw: (beat) => [h("span.when", {}, desk.clock.text(beat.time_s, 1)), h("span.what", {}, letter(beat.label, beat.uncertain), beat.probability !== null && ` ${Math.round(100 * beat.probability)} %`), h("span.kind", {}, beat.stated ? "answered" : "")],
    chosen: (beat) => {
      mine = "ask";
      desk.select([beat.sample], { show: true });
    },
    marked: (beat) => (beat.stated ? ".done" : ""),
  });
  const differences = new List("Beats that would change", {
    key: (/** @type {any} */ one) => String(one.sample),
    draw: (one) => [h("span.when", {}, desk.clock.text(desk.time_of(one.sample), 1)), h("span.what", {}, `${one.before} → ${one.after}`)],
    chosen: (one) => {
      mine = "differences";
      desk.select([one.sample], { show: true });
    },
  });
  questions.fill([]);
  differences.fill([]);
  const element = h("div", {},
    h("div.body", {},
      h("h2", {}, "1. Answer for a few beats"),
      h("p.soft", {}, "The beats whose answer helps most. N S V F Q answers and goes on; Enter agrees with the label."),
      h("div.row", {}, ask), asked, questions.element,
      h("h2", {}, "2. Let the rest follow"),
      h("p.soft", {}, "The labels that no reader stated are worked out anew from those that were. Nothing changes before you accept."),
      h("div.row", {}, propose), answer, differences.element),
  );

  async function question() {
    ask.disabled = true;
    asked.textContent = "Looking for them …";
    try {
      const { samples } = await desk.api.get("ask", { k: ASKED });
      const beats = await Promise.all(samples.map(one));
      questions.fill(beats.filter(Boolean));
      asked.textContent = beats.length ? plural(beats.length, "beat") : "There is no beat left to ask about.";
      questions.choose(0);
      questions.element.focus();
    } catch (error) {
      asked.textContent = "";
      throw error;
    } finally {
      ask.disabled = false;
    }
  }

  /** Labels were changed: of the beats that are asked about too. */
  async function again() {
    const beats = await Promise.all(questions.items.map((beat) => one(beat.sample)));
    questions.fill(beats.filter(Boolean));
  }

  /** @param {number} sample */
  async function one(sample) {
    const { beats } = await desk.api.get("beats", { after: sample - 1, limit: 1 });
    return beats[0]?.sample === sample ? beats[0] : null;
  }

  /** @param {string} to */
  async function answered(to) {
    const beat = questions.item;
    const done = await desk.edit({ kind: "relabel", samples: [beat.sample], to }, `${desk.clock.text(beat.time_s, 1)}: ${to}`);
    if (!done) return;
    Object.assign(beat, { label: to, uncertain: false, stated: true, probability: 1 });
    questions.fill(questions.items);
    const next = questions.items.findIndex((b) => !b.stated);
    if (next >= 0) questions.choose(next);
    else say("All are answered; now let the rest follow");
  }

  async function work() {
    propose.disabled = true;
    answer.replaceChildren(h("p.soft", {}, "Working it out …"));
    try {
      show(await desk.api.post("proposals"));
    } catch (error) {
      answer.replaceChildren();
      throw error;
    } finally {
      propose.disabled = false;
    }
  }

  /** @param {any} told */
  function show(told) {
    proposal = told;
    if (!told.beats) {
      answer.replaceChildren(h("p.empty", {}, "Nothing else would change."));
      return differences.fill([]);
    }
    answer.replaceChildren(
      h("table.dense.diff", {},
        h("thead", {}, h("tr", {}, ...["From", "To", "Beats"].map((t) => h("th", { scope: "col" }, t)))),
        h("tbody", {}, ...changesOf(told).map(([from, to, n]) => h("tr", {}, h("td", {}, letter(...from)), h("td", {}, letter(...to)), h("td", {}, count(n)))))),
      h("div.row", {},
        h("button.primary", { id: "accept-proposal", onclick: () => settle("accept") }, `Accept, ${plural(told.beats, "beat")}`),
        h("button", { onclick: () => settle("refuse") }, "Refuse")),
      h("p.soft", {}, told.beats > LISTED ? `The first ${LISTED} of them:` : "All of them, to look at:"),
    );
    const rows = told.samples.slice(0, LISTED);
    differences.fill(rows.map((/** @type {number} */ sample, /** @type {number} */ i) => ({ sample, before: mark(told.before[i]), after: mark(told.after[i]) })));
  }

  /** Beats of the recording. */
  const beats = () => Object.values(desk.classes).reduce((sum, n) => sum + n, 0);

  /** Ask, with all that would change: nobody looks at so many one by one. */
  const sure = () =>
    confirm(
      `Relabel ${plural(proposal.beats, "beat")} at once?`,
      `That is ${((100 * proposal.beats) / Math.max(1, beats())).toFixed(1)} % of the ${count(beats())} beats of this recording: ` +
        `${inWords(proposal)}. It is one edit, which can be undone.`,
      "Relabel them", "Not yet", false,
    );

  /** @param {"accept" | "refuse"} how */
  async function settle(how) {
    if (how === "accept") {
      if (isMany(proposal, beats()) && !(await sure())) return;
      const done = await desk.change(() => desk.api.post(`proposals/${proposal.number}/accept`), `${plural(proposal.beats, "beat")} relabelled, as one edit`);
      if (!done) return;
    } else {
      await desk.api.post(`proposals/${proposal.number}/refuse`);
      say("Refused; nothing was changed");
    }
    proposal = null;
    answer.replaceChildren();
    differences.fill([]);
  }

  const active = () => (mine === "differences" && differences.items.length ? differences : questions);
  return {
    name: "learn", title: "Learn", key: "M", element,
    load: again,
    step: (by) => active().step(by),
    accept: () => {
      if (questions.item && mine === "ask") answered(questions.item.label);
    },
    label: (to) => {
      const beat = questions.item;
      if (mine !== "ask" || !beat || desk.selection.length !== 1 || desk.selection[0] !== beat.sample) return false;
      answered(to);
      return true;
    },
  };
}
