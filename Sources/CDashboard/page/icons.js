// Line icons on a grid of 20, always beside words or a label.

import { s } from "./dom.js";

const PATHS = {
  sun: ["M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 1.8v1.6M10 16.6v1.6M1.8 10h1.6M16.6 10h1.6M4.2 4.2l1.1 1.1M14.7 14.7l1.1 1.1M15.8 4.2l-1.1 1.1M5.3 14.7l-1.1 1.1"],
  moon: ["M16.5 11.8A7 7 0 0 1 8.2 3.5a7 7 0 1 0 8.3 8.3Z"],
  half: ["M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15Z", "M10 2.5v15M12.5 3.2v13.6M15 4.5v11"],
  lock: ["M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9"],
  check: ["m4 10.5 4 4 8-9"],
  cross: ["m5 5 10 10M15 5 5 15"],
  warn: ["M10 3 18 17H2ZM10 8v4M10 14.4v.2"],
  copy: ["M7 7h9v9H7zM13 7V4H4v9h3"],
  back: ["m11.5 4.5-6 5.5 6 5.5M6 10h10"],
  shield: ["M10 2.5 16.5 5v4.5c0 4-2.7 6.8-6.5 8-3.8-1.2-6.5-4-6.5-8V5Z", "m7 9.8 2.2 2.2L13.2 8"],
};

export function icon(name) {
  return s(
    "svg", { viewBox: "0 0 20 20", class: "icon", "aria-hidden": "true", focusable: "false" },
    PATHS[name].map((d) => s("path", { d })));
}

export function brand() {
  return s(
    "svg", { viewBox: "0 0 32 32", class: "brand-mark", "aria-hidden": "true", focusable: "false" },
    s("rect", { width: 32, height: 32, rx: 7, class: "mark-ground" }),
    s("path", { d: "M7 9.5h18M7 22.5h18", class: "mark-walls" }),
    s("path", { d: "M7 16h6.2M18.8 16H25", class: "mark-way" }),
    s("circle", { cx: 16, cy: 16, r: 2.6, class: "mark-gate" }));
}
