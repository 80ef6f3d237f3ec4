// Buttons and choices above the strip: all that keys and fingers do can be seen and clicked.

import { GAINS, MODES, SPEEDS } from "./view.js";

const NAMES = { move: "Move", select: "Select", calipers: "Calipers", insert: "Insert", artefact: "Artefact" };
const TITLES = {
  move: "Drag moves the strip, a click selects a beat",
  select: "Drag over beats to select them",
  calipers: "Measure ms, 1/min and mV (C)",
  insert: "Click on the peak of a missing beat (I)",
  artefact: "Drag over what is to be left out (A)",
};

/** @template {keyof HTMLElementTagNameMap} K @param {K} tag @param {string} text */
function made(tag, text = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

/** @param {string} text @param {string} title @param {() => void} act */
function button(text, title, act) {
  const element = made("button", text);
  element.type = "button";
  element.title = title;
  element.addEventListener("click", act);
  return element;
}

/** @param {string} label @param {[number, string][]} values @param {(value: number) => void} act */
function choice(label, values, act) {
  const select = made("select");
  select.setAttribute("aria-label", label);
  select.title = label;
  for (const [value, text] of values) {
    const option = made("option", text);
    option.value = String(value);
    select.append(option);
  }
  select.addEventListener("change", () => act(Number(select.value)));
  return select;
}

/**
 * @param {import("./view.js").View} view
 * @param {import("./disclosure.js").Disclosure} disclosure
 * @param {() => void} disclose Changes between strip and full disclosure.
 */
export function toolbar(view, disclosure, disclose) {
  const element = made("div");
  element.className = "trace-tools";
  element.setAttribute("role", "toolbar");
  element.setAttribute("aria-label", "Trace");
  const modes = MODES.map((mode) => {
    const one = button(NAMES[mode], TITLES[mode], () => view.set_mode(mode));
    one.dataset.mode = mode;
    return one;
  });
  const group = made("span");
  group.className = "trace-modes";
  group.append(...modes);
  const speed = choice("Paper speed", SPEEDS.map((one) => [one, `${one} mm/s`]), (one) => view.set_speed(one));
  const gain = choice("Gain", GAINS.map((one) => [one, `${one} mm/mV`]), (one) => view.set_gain(one));
  const { leads } = view.recording;
  /** @type {[number, string][]} */
  const named = leads.map((lead, i) => [lead.number ?? i, lead.name]);
  const lead = choice("Lead of the full disclosure", named, (one) => disclosure.set_lead(one));
  lead.value = String(disclosure.lead);
  const chosen = made("details");
  const summary = made("summary", "Leads");
  const list = made("span");
  list.className = "trace-leads";
  const boxes = named.map(([, name]) => {
    const label = made("label");
    const box = made("input");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => {
      const left = named.filter((_, i) => boxes[i].checked).map(([one]) => one);
      if (left.length) view.set_leads(left);
      else box.checked = true; // one lead always stays
    });
    label.append(box, ` ${name}`);
    list.append(label);
    return box;
  });
  chosen.append(summary, list);
  /** @param {number} by */
  const leaf = (by) => {
    if (disclosure.element.hidden) view.move_to(view.start_s + by * view.span_s);
    else disclosure.leaf(by);
  };
  const back = button("◀", "A screen back, in full disclosure an hour (Page Up)", () => leaf(-1));
  const on = button("▶", "A screen on, in full disclosure an hour (Page Down)", () => leaf(1));
  const pages = made("span");
  pages.className = "trace-modes";
  pages.append(back, on);
  back.setAttribute("aria-label", "Back");
  on.setAttribute("aria-label", "On");
  const full = button("Full disclosure", "An hour a page (D)", disclose);
  const strip = [group, speed, gain];
  if (named.length > 1) strip.push(chosen);
  element.append(pages, ...strip, lead, full);

  const shown = () => {
    for (const one of modes) one.setAttribute("aria-pressed", String(one.dataset.mode === view.mode));
    speed.value = String(view.speed);
    gain.value = String(view.gain);
    const open = !disclosure.element.hidden;
    full.setAttribute("aria-pressed", String(open));
    for (const one of strip) one.hidden = open;
    lead.hidden = !open || named.length < 2;
  };
  view.addEventListener("change", shown);
  view.addEventListener("mode", shown);
  shown();
  return { element, shown };
}
