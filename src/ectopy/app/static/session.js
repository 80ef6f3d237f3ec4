// Who asks: the name of the reader on every page, and the way out.

import { get, send } from "./api.js";
import { by } from "./dom.js";

/** @typedef {{reader: string | null, token_needed: boolean, version: string}} Session */

/** @returns {Promise<Session>} */
export async function session() {
  const found = location.hash.startsWith("#token=") ? location.hash.slice(7) : "";
  if (found) {
    history.replaceState(null, "", location.pathname); // out of the address, and of what is kept of it
    await signIn(found);
  }
  const told = await get("session");
  await whole();
  if (told.token_needed && told.reader) {
    by("who").textContent = told.reader;
    by("sign-out").hidden = false;
    by("sign-out").addEventListener("click", async () => {
      await send("DELETE", "session");
      location.assign("/");
    });
  }
  return told;
}

/** @param {string} token */
export const signIn = (token) => send("POST", "session", { token });

/** The page is read to its end. */
const whole = () =>
  new Promise((done) => {
    if (document.readyState !== "loading") done(undefined);
    else document.addEventListener("DOMContentLoaded", done, { once: true });
  });
