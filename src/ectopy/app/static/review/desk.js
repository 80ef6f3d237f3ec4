// What all panels of a review share: the recording, what is selected, and the way to edit.

import { RecordingApi, Refusal } from "../api.js";
import { calm, confirm, fault, say } from "../dom.js";
import { moment, plural } from "../format.js";
import { Clock } from "../trace/time.js";

/**
 * Sends `selected` when beats are selected anywhere, `changed` when labels were edited (by this
 * reader or another one), `standing`, and what it is told by the trace. The trace listens too.
 */
export class Desk extends EventTarget {
  /** @param {string} id @param {any} recording As GET .../signal tells it. */
  constructor(id, recording) {
    super();
    this.id = id;
    this.api = new RecordingApi(id);
    this.recording = recording;
    this.clock = new Clock(recording.start);
    this.revision = recording.revision;
    this.standing = recording.standing;
    /** @type {Record<string, number>} */
    this.classes = {};
    /** @type {number[]} Samples, ascending. */
    this.selection = [];
    /** Where a beat is to be inserted, once its class is told. @type {number | null} */
    this.inserting = null;
    this.busy = false;
  }

  /** @param {string} name @param {any} [detail] */
  tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** @param {number} sample */
  time_of(sample) {
    return sample / this.recording.fs_hz;
  }

  /** Bring a time into the strip. @param {number} time_s */
  goto(time_s) {
    this.drop();
    this.tell("goto", { time_s });
  }

  /** Set no beat after all: a place that is out of sight is not one to set a beat at. */
  drop() {
    if (this.inserting === null) return;
    this.inserting = null;
    this.tell("selected");
  }

  /**
   * Select beats, and show the first.
   * @param {number[]} samples @param {{show?: boolean, from?: string}} [how]
   */
  select(samples, { show = false, from = "" } = {}) {
    this.selection = [...samples].sort((a, b) => a - b);
    this.inserting = null;
    if (from !== "trace") this.tell("select", { samples: this.selection });
    if (show && this.selection.length) this.goto(this.time_of(this.selection[0]));
    this.tell("selected", { from });
  }

  /**
   * Correct something. It is kept when this returns true.
   * @param {any} wanted @param {string} said
   */
  edit(wanted, said) {
    return this.change(() => this.api.once("edits", { edit: wanted, revision: this.revision }), said);
  }

  /** @param {number} [number] */
  undo(number) {
    return this.change(() => this.api.once("undo", number ? { number } : {}), "Undone");
  }

  /** @param {number} [number] */
  redo(number) {
    return this.change(() => this.api.once("redo", number ? { number } : {}), "Redone");
  }

  /**
   * Make a change, one after another, and tell everyone.
   * @param {() => Promise<any>} make @param {string} said
   * @returns {Promise<any>} The answer, or null where it was refused, or is not to be made after all.
   */
  async change(make, said) {
    if (this.standing.status === "signed" && !(await this.#reopened())) return null;
    const before = this.last ?? Promise.resolve();
    const own = before.then(make, make);
    this.last = own.catch(() => undefined);
    try {
      const done = await own;
      calm();
      if (said) say(done.edit?.kind === "undo" ? `${said}: edit ${done.edit.target}` : said);
      this.#took(done);
      return done;
    } catch (error) {
      fault(error);
      // It may be that another reader was here first: show what the sentence asks to look at.
      if (error instanceof Refusal && error.status) await this.refresh().catch(fault);
      return null;
    }
  }

  /** Ask whether a signature is to be left behind: no key that slipped may do that. */
  #reopened() {
    const { by, at } = this.standing;
    return confirm(
      "Reopen this recording?",
      `It was signed by ${by}, ${moment(at)}. A change makes it a draft again; to undo the change does not bring the signature back.`,
      "Reopen and change", "Keep it signed", false,
    );
  }

  /** @param {any} done */
  #took(done) {
    this.revision = done.revision;
    if (done.classes) this.classes = done.classes;
    const was = this.standing.status;
    if (done.standing) this.standing = done.standing;
    if (was === "signed" && this.standing.status === "draft") {
      say("The recording was signed; this edit reopened it");
    }
    this.tell("edited");
    this.tell("changed");
  }

  /** Look whether another reader changed something. */
  async refresh() {
    const told = await this.api.get("signal");
    if (told.revision === this.revision) return;
    this.revision = told.revision;
    this.standing = told.standing;
    await this.count();
    this.tell("edited");
    this.tell("changed");
    say("Another reader changed something");
  }

  /** Count the beats of each class. */
  async count() {
    const { classes } = await this.api.get("summary");
    for (const [letter, told] of Object.entries(classes)) {
      this.classes[letter] = told.certain + told.uncertain;
    }
  }

  // What keys and buttons do

  /** Call the selected beats so, or set the beat that was clicked. @param {string} to */
  async label(to) {
    if (this.inserting !== null) {
      const sample = this.inserting;
      this.inserting = null; // a letter pressed twice sets one beat
      const done = await this.edit({ kind: "insert", sample, to }, `Beat set as ${to}`);
      if (done) this.select([done.edit.first]);
      else this.tell("selected");
      return;
    }
    if (!this.selection.length) {
      return say(`Select beats first, then ${to} says what they are`);
    }
    const n = this.selection.length;
    await this.edit({ kind: "relabel", samples: this.selection, to }, `${plural(n, "beat")}: ${to}`);
  }

  /** Take the selected beats away. */
  async remove() {
    if (!this.selection.length) return say("Select beats first");
    const n = this.selection.length;
    const done = await this.edit({ kind: "delete", samples: this.selection }, `${plural(n, "beat")} taken away`);
    if (done) this.select([]);
  }
}
