// Light, dark, or as the system: before anything is drawn, so this is no module.

(() => {
  const root = document.documentElement;
  const order = ["system", "light", "dark"];
  const kept = () => {
    try {
      return localStorage.getItem("ectopy-theme") ?? "system";
    } catch {
      return "system"; // storage is switched off
    }
  };
  const apply = (/** @type {string} */ theme) => {
    if (theme === "system") root.removeAttribute("data-theme");
    else root.dataset.theme = theme;
    const button = document.getElementById("theme");
    if (button) button.textContent = { system: "auto", light: "light", dark: "dark" }[theme] ?? "auto";
    if (button) button.setAttribute("aria-label", `Theme: ${theme}`);
    document.dispatchEvent(new CustomEvent("ectopy-theme"));
  };
  apply(kept());
  document.addEventListener("DOMContentLoaded", () => {
    apply(kept());
    document.getElementById("theme")?.addEventListener("click", () => {
      const next = order[(order.indexOf(kept()) + 1) % order.length];
      try {
        localStorage.setItem("ectopy-theme", next);
      } catch {
        // it holds for this page alone
      }
      apply(next);
    });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply(kept()));
})();
