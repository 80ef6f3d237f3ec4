// Elements from code. Text is always text: nothing that a user or a file says becomes markup.

/**
 * Make an element.
 * @param {string} tag With classes: `button.primary`.
 * @param {Record<string, any>} [values] Attributes; functions are listeners (`onclick`).
 * @param {...(Node | string | number | null | undefined | false)} children
 * @returns {any}
 */
export function h(tag, values = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (key === "value") /** @type {any} */ (element).value = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  if (name === "button" && !element.hasAttribute("type")) element.setAttribute("type", "button");
  element.append(...children.filter((c) => c !== null && c !== undefined && c !== false).map(asNode));
  return element;
}

/** @param {any} child */
const asNode = (child) => (child instanceof Node ? child : String(child));

/** @param {string} id @returns {any} */
export const by = (id) => document.getElementById(id);

/** @param {Event} event Whether a key belongs to a field that is typed in. */
export function typing(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  return (
    target.isContentEditable ||
    target.tagName === "TEXTAREA" ||
    target.tagName === "SELECT" ||
    (target.tagName === "INPUT" &&
      !["checkbox", "radio", "button", "range"].includes(/** @type {HTMLInputElement} */ (target).type))
  );
}

let timer = 0;

/** Say something in passing; it is read out too. @param {string} text */
export function say(text) {
  const place = by("says");
  place.textContent = text;
  place.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => place.classList.remove("shown"), 3000);
}

/** Write a message of the server as a sentence. @param {string} text */
export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".");

/** Tell what went wrong, until it is put away. @param {unknown} error */
export function fault(error) {
  const box = h("div.fault", {}, h("span", {}, sentence(error instanceof Error ? error.message : String(error))));
  box.append(h("button.quiet", { onclick: () => box.remove(), "aria-label": "Put the message away" }, "✕"));
  by("faults").replaceChildren(box);
}

/** Take the last message away, once something works again. */
export const calm = () => by("faults").replaceChildren();

/**
 * Ask before something that matters.
 * @param {string} title @param {string} text @param {string} yes @param {string} no
 * @param {boolean} danger Whether it cannot be taken back.
 * @returns {Promise<boolean>}
 */
export function confirm(title, text, yes, no, danger) {
  const dialog = by("confirm");
  by("confirm-title").textContent = title;
  by("confirm-text").textContent = text;
  by("confirm-yes").textContent = yes;
  by("confirm-yes").className = danger ? "danger" : "primary";
  by("confirm-no").textContent = no;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) =>
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }),
  );
}

/** A letter of a class, coloured. @param {string} letter @param {boolean} [uncertain] */
export const letter = (letter, uncertain = false) =>
  h(`b.letter.letter-${letter}`, {}, uncertain ? `${letter}?` : letter);
