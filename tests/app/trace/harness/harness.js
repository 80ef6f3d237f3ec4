// The smallest page that a trace can stand on; a test looks at `window.trace` and `window.told`.

import { createTrace } from "./modules/trace.js";

const id = location.hash.slice(1);
const at = `/api/v1/recordings/${id}`;

async function asked(path, params = {}) {
  const answer = await fetch(`${at}/${path}?${new URLSearchParams(params)}`);
  if (!answer.ok) throw new Error((await answer.json()).error);
  return answer;
}

const api = {
  get: async (path, params) => (await asked(path, params)).json(),
  binary: async (path, params) => {
    const answer = await asked(path, params);
    return { buffer: await answer.arrayBuffer(), headers: answer.headers };
  },
  window: (params) => api.binary("window", params),
};

window.told = [];
window.bus = new EventTarget();
window.opened_ms = performance.now();
const recording = await api.get("signal");
window.trace = createTrace(document.getElementById("trace"), { recording, api, bus: window.bus });
for (const name of ["selected", "inserted", "interval", "moved"]) {
  window.trace.addEventListener(name, ({ detail }) => window.told.push([name, detail]));
}
