// The queue: what must not be missed, first things first; Enter agrees and goes on.

import { h, say } from "../dom.js";
import { count, plural } from "../format.js";
import { List } from "./list.js";

/** Kinds that the title of an item tells. */
const SAID_BY_TITLE = new Set(["ventricular fibrillation", "ventricular run", "supraventricular run", "pause", "atrial fibrillation", "hour"]);

/** @param {import("./desk.js").Desk} desk @returns {import("./panels.js").Panel} */
export function queue(desk) {
  const kind = h("select", { onchange: () => load() });
  const progress = h("span.soft", {});
  const empty = h("p.empty", { hidden: true });
  const accept = h("button.primary", { onclick: () => agree() }, "Agree and go on");
  const more = h("button.quiet", { hidden: true, onclick: () => load(true) }, "More");
  let next = -1;
  let busy = false; // an agreement is on its way
  const list = new List("Queue", {
    key: (/** @type {any} */ item) => item.key,
    draw: (item) => [
      h("span.when", {}, desk.clock.text(item.start_s)),
      h("span.what", {}, item.title.replace(/ (s|min|h)\b/g, "\u00a0$1"), !item.certain && !/uncertain/.test(item.title + item.kind) && h("span.doubt", {}, "uncertain")),
      h("span.kind", {}, SAID_BY_TITLE.has(item.kind) ? "" : item.kind),
    ],
    chosen: show,
  });
  const element = h("div", {},
    h("div.bar", {}, h("label.field.inline", {}, "Show ", kind), progress),
    h("div.body", {}, list.element, empty, more),
    h("div.bar.low", {}, accept, h("span.soft", {}, h("kbd", {}, "Enter"), " agree  ", h("kbd", {}, "J"), " ", h("kbd", {}, "K"), " go through")),
  );

  /** @param {any} item */
  function show(item) {
    desk.select(item.beats.length <= 5000 ? item.beats : []);
    desk.goto(item.beats.length ? Math.min((item.start_s + item.stop_s) / 2, item.start_s + 3) : item.start_s + 3);
    accept.disabled = false;
  }

  async function load(further = false) {
    const chosen = kind.value;
    const told = await desk.api.get("queue", { done: false, kind: chosen, limit: 300, after: further ? next : -1 });
    next = told.next ?? -1;
    more.hidden = told.next === null;
    list.fill(further ? [...list.items, ...told.items] : told.items);
    const left = Object.entries(told.kinds);
    kind.replaceChildren(
      h("option", { value: "" }, "all"),
      ...left.map(([name, n]) => h("option", { value: name }, `${name} (${n})`)),
    );
    kind.value = chosen in told.kinds ? chosen : "";
    progress.textContent = `${count(told.total)} to see · ${count(told.done)} done`;
    empty.hidden = told.total > 0;
    empty.textContent = told.done
      ? "All of it is seen. Sign under Sign, or look through the templates once more."
      : "Nothing that must not be missed, and no uncertain beat.";
    accept.disabled = !list.item;
  }

  async function agree() {
    const { item, at } = list;
    if (busy) return;
    if (!item) {
      list.step(1);
      return;
    }
    busy = accept.disabled = true;
    const n = item.beats.length;
    const done = await desk.edit({ kind: "accept", item: item.key }, n ? `Agreed: ${item.title}, ${plural(n, "beat")}` : `Agreed: ${item.title}`);
    busy = accept.disabled = false;
    if (!done) return;
    // On to the next at once; what the edit made of the queue comes when it is worked out.
    list.fill(list.items.filter((one) => one.key !== item.key));
    if (list.items.length) list.choose(Math.min(at, list.items.length - 1));
    else say("The queue is done");
  }

  return { name: "queue", title: "Queue", key: "G", element, load, step: (by) => list.step(by), accept: agree };
}
