// The review of one recording. The strip comes first: whatever else there is waits until it is drawn.

import { by, h, sentence } from "../dom.js";
import { lasting, moment, plural } from "../format.js";
import { get } from "../api.js";
import { createTrace } from "../trace/trace.js";
import { Desk } from "./desk.js";
import { asked } from "./early.js";

start().catch(gone);

async function start() {
  const id = by("main").dataset.recording;
  const who = await asked.session;
  if (who.token_needed && !who.reader) return location.assign("/");
  const recording = (await asked.signal) ?? (await ready(id));
  const desk = new Desk(id, recording);
  by("gone").hidden = true;
  by("name").textContent = recording.name;
  document.title = `${recording.name} · ectopy`;
  by("about").textContent = [
    recording.start && moment(recording.start), lasting(recording.duration_s),
    `${plural(recording.leads.length, "lead")} at ${recording.fs_hz} Hz`, recording.simulated && "simulated",
  ].filter(Boolean).join(" · ");
  if (desk.clock.day(recording.duration_s)) by("panels").classList.add("days"); // times are longer
  const trace = createTrace(by("trace"), { recording, api: desk.api, bus: desk });
  await trace.drawn;
  const { beside } = await import("./beside.js");
  await beside(desk, trace, who.reader ?? "local");
}

/** Wait for the analysis, if it goes on. @param {string} id @returns {Promise<any>} */
async function ready(id) {
  for (;;) {
    const row = await get(`recordings/${id}`);
    if (row.state === "ready") return get(`recordings/${id}/signal`);
    if (!["waiting", "analysing"].includes(row.state)) throw new Error(row.message || `${row.name} was not analysed to its end; see the list`);
    by("name").textContent = row.name;
    const place = by("gone");
    place.hidden = false;
    place.textContent = row.state === "waiting" ? "It waits for its turn to be analysed …" : `It is analysed: ${Math.round(100 * row.done)} % done …`;
    await new Promise((done) => setTimeout(done, 500));
  }
}

/** @param {unknown} error */
function gone(error) {
  by("name").textContent = "Not to be shown";
  by("gone").hidden = false;
  by("gone").replaceChildren(sentence(error instanceof Error ? error.message : String(error)), " ", h("a", { href: "/" }, "All recordings"));
  by("main").classList.add("nothing");
}
