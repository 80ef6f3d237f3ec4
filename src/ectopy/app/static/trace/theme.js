// Colours of the canvases: CSS custom properties of trace.css, read once a theme.

const NAMES = [
  "paper", "minor", "major", "ink", "soft", "plate", "line", "accent", "artefact", "caliper",
  "N", "S", "V", "F", "Q",
  "rhythm-none", "rhythm-other", "rhythm-sinus", "rhythm-brady", "rhythm-tachy", "rhythm-t",
  "rhythm-b", "rhythm-ab", "rhythm-ivr", "rhythm-svt", "rhythm-af", "rhythm-paced", "rhythm-vt",
  "rhythm-vf",
];

/** @typedef {Record<string, string>} Theme Colours by name, as rgb(...). */

/**
 * Read the colours as they are now, `light-dark()` resolved.
 * @param {HTMLElement} element The trace.
 * @returns {Theme}
 */
export function readTheme(element) {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.forcedColorAdjust = "none"; // a canvas keeps its colours; all of them alike show nothing
  element.append(probe);
  /** @type {Theme} */
  const theme = {};
  for (const name of NAMES) {
    probe.style.color = `var(--trace-${name})`;
    theme[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return theme;
}

/**
 * Give black or white, whichever is easier to read on a colour (WCAG relative luminance).
 * @param {string} colour As rgb(...).
 */
export function textOn(colour) {
  const parts = (colour.match(/[\d.]+/g) ?? ["255", "255", "255"]).slice(0, 3);
  const [r, g, b] = parts.map((part) => {
    const c = Number(part) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

/**
 * The same colour, see-through.
 * @param {string} colour As rgb(...).
 * @param {number} opacity 0 to 1.
 */
export function faint(colour, opacity) {
  return colour.replace(/^rgba?\(([^)]*)\)$/, (_, inside) => {
    const [r, g, b] = inside.split(/[,/ ]+/);
    return `rgba(${r}, ${g}, ${b}, ${opacity})`;
  });
}
