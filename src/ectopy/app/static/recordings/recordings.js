// The list of recordings: state and progress of each, and the way to new ones.

import { get, send } from "../api.js";
import { by, calm, confirm, fault, h, say, sentence } from "../dom.js";
import { moment } from "../format.js";
import { session, signIn } from "../session.js";
import { begin as beginArchive } from "./archive.js";
import { begin as beginUploads } from "./upload.js";

/**
 * @typedef {{id: string, name: string, created: string, created_by: string, state: string,
 *   done: number, message: string, again: boolean, files: {name: string, bytes: number | null}[]}} Row
 */

const STATES = /** @type {Record<string, string>} */ ({
  uploading: "being sent", waiting: "waiting", analysing: "being analysed", ready: "ready",
  failed: "failed", cancelled: "cancelled",
});
/** @type {Row[]} */
let rows = [];
let timer = 0;
let readers = false;
/** @type {string | null} Opened as soon as it is ready: who asked for one recording waits for it. */
let awaited = null;

start();

async function start() {
  try {
    const told = await session();
    readers = told.token_needed;
    if (told.token_needed && !told.reader) return askToken();
  } catch (error) {
    fault(error);
    return askToken();
  }
  by("content").hidden = false;
  beginUploads(began, load);
  by("example").addEventListener("click", () => open("example"));
  by("find").addEventListener("input", show);
  await Promise.all([load(), folder(), beginArchive(open)]);
}

function askToken() {
  by("sign-in").hidden = false;
  by("token").focus();
  by("sign-in").addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await signIn(by("token").value.trim());
    } catch (error) {
      return fault(error);
    }
    location.reload();
  });
}

async function folder() {
  try {
    const found = await get("folder");
    by("folder-card").hidden = !found.length;
    by("folder").replaceChildren(
      ...found.map((/** @type {{number: number, name: string}} */ one) =>
        h("li", {}, h("button.quiet", { onclick: () => open(`folder/${one.number}`) }, one.name)),
      ),
    );
  } catch (error) {
    fault(error);
  }
}

/** @param {string} what */
async function open(what) {
  try {
    began(await send("POST", what));
  } catch (error) {
    fault(error);
  }
}

/** @param {Row} row */
function began(row) {
  calm();
  awaited = row.id;
  say(`${row.name} is being analysed, and opens when it is ready`);
  load();
}

async function load() {
  clearTimeout(timer);
  let soon = 15_000;
  try {
    rows = await get("recordings");
    show();
    const found = rows.find((row) => row.id === awaited);
    if (found?.state === "ready") return location.assign(`/review/${found.id}`);
    if (found && ["failed", "cancelled"].includes(found.state)) {
      awaited = null;
      if (found.state === "failed") fault(new Error(`Recording “${found.name}” failed: ${found.message}`));
      else say(`${found.name} is ${STATES[found.state]}`);
    }
    if (rows.some((row) => ["waiting", "analysing"].includes(row.state))) soon = 400;
    if (found?.state === "uploading") soon = 400; // it is fetched from the archive
  } catch (error) {
    fault(error);
  }
  timer = setTimeout(load, document.hidden ? 30_000 : soon);
}

function show() {
  const wanted = by("find").value.trim().toLowerCase();
  const shown = rows.filter((row) => row.name.toLowerCase().includes(wanted));
  const place = by("list");
  if (!rows.length) {
    place.replaceChildren(
      h("p.empty", {}, "Nothing here yet. Drop a recording above, or open the example: five minutes of a real recording with many ventricular beats."),
    );
    return;
  }
  if (!shown.length) {
    place.replaceChildren(h("p.empty", {}, `No recording is called “${by("find").value}”.`));
    return;
  }
  const focused = document.activeElement?.getAttribute("data-focus");
  place.replaceChildren(
    h("div.scroll", {},
      h("table.list", {},
        h("thead", {}, h("tr", {}, ...["Recording", "State", "Submitted", ...(readers ? ["By"] : []), "Actions"].map((t) => h("th", { scope: "col" }, t)))),
        h("tbody", {}, ...shown.map(line)),
      ),
    ),
  );
  if (focused) /** @type {HTMLElement | null} */ (place.querySelector(`[data-focus="${focused}"]`))?.focus();
}

/** @param {Row} row */
function line(row) {
  const name = row.state === "ready" ? h("a", { href: `/review/${row.id}`, "data-focus": `open-${row.id}` }, row.name) : row.name;
  return h("tr", {},
    h("th", { scope: "row" }, name),
    h("td", {}, state(row)),
    h("td.soft", {}, moment(row.created)),
    readers && h("td.soft", {}, row.created_by),
    h("td.actions", {}, ...actions(row)),
  );
}

/** @param {Row} row */
function state(row) {
  const text = h(`span.state.state-${row.state}`, {}, STATES[row.state] ?? row.state);
  if (row.state === "analysing") {
    const percent = Math.round(100 * row.done);
    return h("span.row", {}, text,
      h("progress", { max: 100, value: percent, "aria-label": `${row.name}: analysed` }), `${percent} %`);
  }
  if (row.state === "failed") return h("span", {}, text, h("span.why", {}, sentence(row.message)));
  return text;
}

/** @param {Row} row */
function actions(row) {
  const busy = ["waiting", "analysing"].includes(row.state);
  /** @param {string} text @param {string} key @param {() => Promise<any>} act @param {string} [kind] */
  const button = (text, key, act, kind = "button.quiet") =>
    h(kind, { "aria-label": `${text} ${row.name}`, "data-focus": `${key}-${row.id}`, onclick: () => act().catch(fault).finally(load) }, text);
  return [
    busy && button("Cancel", "cancel", () => send("POST", `recordings/${row.id}/cancel`)),
    row.again && button("Analyse again", "again", () => send("POST", `recordings/${row.id}/analyse`)),
    button("Delete", "delete", () => remove(row), "button.quiet.danger"),
  ];
}

/** @param {Row} row */
async function remove(row) {
  const sure = await confirm(
    `Delete ${row.name}?`,
    "Its uploaded files, labels and every correction are deleted from this server, for all readers. " +
      "This cannot be undone. A file of the server's folder stays where it is.",
    "Delete for good", "Keep it", true,
  );
  if (!sure) return;
  await send("DELETE", `recordings/${row.id}`);
  say(`${row.name} is deleted`);
}
