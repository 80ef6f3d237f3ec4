// The archive that the server was started with: its recordings, those to review first at the top.

import { get } from "../api.js";
import { by, fault, h } from "../dom.js";
import { count, lasting, plural } from "../format.js";

const PAGE = 50;
const QUIET_MS = 250;
let after = 0;
let timer = 0;
/** Of the last request: an answer to an earlier one comes too late. */
let asked = 0;

/**
 * @typedef {{id: string, name: string, address: string, start: string, duration_s: number,
 *   beats: number, simulated: boolean, why: string, opened: string | null}} Line
 */

/** @param {(what: string) => void} open Opens what is below /api/v1/. */
export async function begin(open) {
  by("archive-find").addEventListener("input", () => {
    after = 0;
    clearTimeout(timer);
    timer = setTimeout(() => load(open), QUIET_MS);
  });
  by("archive-before").addEventListener("click", () => turn(-PAGE, open));
  by("archive-next").addEventListener("click", () => turn(PAGE, open));
  await load(open);
}

/** @param {number} by_ @param {(what: string) => void} open */
function turn(by_, open) {
  after = Math.max(0, after + by_);
  load(open);
}

/** @param {(what: string) => void} open */
async function load(open) {
  const mine = ++asked;
  try {
    const find = by("archive-find").value.trim();
    const found = await get("archive", { find, after, count: PAGE });
    if (mine !== asked) return;
    by("archive-card").hidden = !found.there;
    if (!found.there) return;
    by("list-title").textContent = "Opened recordings";
    show(found, find, open);
  } catch (error) {
    fault(error);
  }
}

/**
 * @param {{note: string, recordings: number, lines: Line[]}} found
 * @param {string} find
 * @param {(what: string) => void} open
 */
function show(found, find, open) {
  by("archive-note").hidden = !found.note;
  by("archive-note").textContent = `Note: ${found.note}.`;
  const last = after + found.lines.length;
  by("archive-where").textContent = found.lines.length
    ? `${count(after + 1)} to ${count(last)} of ${plural(found.recordings, "recording")}`
    : find ? `No name or address has “${find}” in it.` : "It holds no recording.";
  by("archive-before").disabled = after === 0;
  by("archive-next").disabled = last >= found.recordings;
  by("archive").replaceChildren(
    found.lines.length ? h("div.scroll", {},
      h("table.list", {},
        h("thead", {}, h("tr", {}, ...["Recording", "Why to review", "Length", "Beats", "Begun", "Actions"].map((t) => h("th", { scope: "col" }, t)))),
        h("tbody", {}, ...found.lines.map((line) => row(line, open))),
      ),
    ) : "",
  );
}

/** @param {Line} line @param {(what: string) => void} open */
function row(line, open) {
  return h("tr", {},
    h("th", { scope: "row" }, line.name, line.simulated && h("span.soft", {}, " simulated"), h("span.address", {}, line.address)),
    h("td", {}, line.why || h("span.soft", {}, "nothing asks for it")),
    h("td.soft", {}, lasting(line.duration_s)),
    h("td.soft", {}, count(line.beats)),
    h("td.soft", {}, line.start || "–"),
    h("td.actions", {}, line.opened
      ? h("a.button.quiet", { href: `/review/${line.opened}`, "aria-label": `Go on with ${line.name}` }, "Go on")
      : h("button.quiet", { "aria-label": `Open ${line.name}`, onclick: () => open(`archive/${line.id}`) }, "Open")),
  );
}
