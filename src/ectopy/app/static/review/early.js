// What the page asks for first, while its other scripts still arrive: who reads, and what there is.

import { get } from "../api.js";
import { session } from "../session.js";

const id = location.pathname.split("/").pop(); // the page may not be read yet
const who = session();

/** Answers on their way; the recording is null where it is not ready, or not to be shown. */
export const asked = {
  session: who,
  signal: (location.hash.startsWith("#token=") ? who.then(() => signal()) : signal()).catch(() => null),
};
who.catch(() => undefined); // it is told where it is waited for

/** @returns {Promise<any>} */
function signal() {
  return get(`recordings/${id}/signal`);
}
