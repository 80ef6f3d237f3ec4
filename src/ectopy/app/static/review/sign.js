// Sign, export, and how far two readers agree.

import { calm, confirm, fault, h, say } from "../dom.js";
import { moment } from "../format.js";
import { agreement } from "./agreement.js";

const EXPORTS = [
  ["report", "Report (HTML, printable)"], ["disclosure", "Full disclosure (HTML)"],
  ["wfdb", "WFDB annotation (.ect)"], ["csv", "Beats, CSV"], ["parquet", "Beats, Parquet"],
  ["events-csv", "Events, CSV"], ["events-parquet", "Events, Parquet"], ["summary", "Summary, JSON"],
];
const LOCAL = "local"; // whoever sits at this computer, where readers have no names
const NEXT = /** @type {Record<string, [string, string][]>} */ ({
  draft: [["reviewed", "Call it reviewed"], ["signed", "Sign"]],
  reviewed: [["signed", "Sign"], ["draft", "Back to draft"]],
  signed: [["draft", "Reopen"]],
});

/** @param {import("./desk.js").Desk} desk @param {string} reader @returns {import("./panels.js").Panel} */
export function sign(desk, reader) {
  const place = h("div.told", { "aria-live": "polite" });
  const readers = agreement(desk);
  const element = h("div", {},
    h("div.body", {},
      h("h2", {}, "Signature"), place,
      h("h2", {}, "Export the labels as they stand"),
      h("ul.exports", {}, ...EXPORTS.map(([what, text]) => h("li", {}, h("a", { href: desk.api.exported(what), download: "", "data-export": what }, text)))),
      training(desk),
      h("h2", {}, "Agreement of two readers"), readers.element,
      h("p.soft", {}, "For research, not for diagnosis or treatment.")),
  );

  async function load() {
    const told = await desk.api.get("state");
    desk.standing = told.standing;
    desk.tell("standing");
    show(told);
    await readers.load();
  }

  /** @param {any} told */
  function show(told) {
    const { status, by, at, sha256 } = told.standing;
    place.replaceChildren(
      h("p", {}, `This recording is ${status === "draft" ? "a " : ""}`, h("strong.standing-word", { "data-status": status }, status), by ? ` by ${by}, ${moment(at)}.` : "; nobody has said otherwise yet."),
      ...(status === "signed"
        ? [
            h("p.hash", {}, h("span.soft", {}, "SHA-256 "), h("code", {}, sha256)),
            told.signature_holds
              ? h("p.good", {}, "What was signed is what is kept.")
              : h("p.bad", {}, "What is kept is not what was signed. Do not rely on it; ask who keeps the store."),
          ]
        : [h("p.soft", {}, "A signature seals edits, labels, model, settings and signal (SHA-256). A later edit reopens the recording.")]),
      h("div.row.wrap", {}, ...NEXT[status].map(([to, text]) => h(to === "signed" ? "button.primary" : "button", { onclick: () => change(to) }, text))),
    );
  }

  /** @param {string} to */
  async function change(to) {
    if (to === "signed") {
      const sure = await confirm(reader === LOCAL ? "Sign this recording?" : `Sign as ${reader}?`, "You have seen what must not be missed, and stand for the labels as they are. Who you are, the time and a seal of all of it are kept in the log.", "Sign", "Not yet", false);
      if (!sure) return;
    }
    try {
      const told = await desk.api.put("state", { status: to, revision: desk.revision });
      desk.revision = told.revision;
      desk.standing = told.standing;
      calm();
      say(`The recording is ${to}`);
      desk.tell("changed");
      show(told);
    } catch (error) {
      fault(error);
      await desk.refresh();
    }
  }

  return { name: "sign", title: "Sign", key: "P", element, load };
}

/**
 * The record with its corrections, for a study to train on: it has to be known whose it is.
 * @param {import("./desk.js").Desk} desk
 */
function training(desk) {
  const patient = h("input", { type: "text", maxlength: "120", autocomplete: "off", size: "14" });
  const go = h("button", { type: "button", "data-export": "training", onclick: save }, "Training set (.zip)");
  async function save() {
    try {
      const { buffer, headers } = await desk.api.training(patient.value.trim());
      const name = /filename="([^"]+)"/.exec(headers.get("Content-Disposition") ?? "")?.[1];
      const link = h("a", { href: URL.createObjectURL(new Blob([buffer])), download: name ?? "training.zip" });
      link.click();
      calm();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (error) {
      fault(error);
    }
  }
  return h("div.row.wrap", {}, h("label", {}, "Patient, where the file does not say ", patient), go);
}
