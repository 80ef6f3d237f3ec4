// The page of keys, from the lists that the pages go by.

import { by, h } from "./dom.js";
import { KEYS } from "./review/keys.js";
import { session } from "./session.js";
import { KEYS as TRACE_KEYS } from "./trace/keys.js";

/** @param {string} id @param {{keys: string[], does: string}[]} keys */
function show(id, keys) {
  by(id).append(
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Key"), h("th", { scope: "col" }, "What it does"))),
    h("tbody", {}, ...keys.map((one) =>
      h("tr", {}, h("th", { scope: "row" }, ...one.keys.flatMap((key, i) => [i ? " " : null, h("kbd", {}, key)])), h("td", {}, one.does)))),
  );
}

show("keys-review", KEYS);
show("keys-trace", TRACE_KEYS);
session().catch(() => undefined);
