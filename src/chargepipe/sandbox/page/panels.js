// The panels below the top strip: one is open at most.

import { byId } from "./dom.js";

/** Let the buttons open and close their panels. */
export function startPanels() {
  const buttons = [...byId("tabs").children];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const closed = button.getAttribute("aria-expanded") === "false";
      for (const each of buttons) show(each, each === button && closed);
    });
  }
}

function show(button, open) {
  button.setAttribute("aria-expanded", String(open));
  byId(button.getAttribute("aria-controls")).hidden = !open;
}
