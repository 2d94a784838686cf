// The last button as JSON, to copy into a script.

import { onCall } from "./api.js";
import { byId, el, fill, hint } from "./dom.js";

const place = byId("last-call");

// On a narrow screen the foot would cover much: there it is folded until somebody opens it.
const narrow = matchMedia("(max-width: 820px)");
const fold = () => {
  place.parentElement.open = !narrow.matches;
};
narrow.addEventListener("change", fold);
fold();

fill(place, hint("Press a button: the call that it makes is shown here, to copy into a script."));

onCall((made, error) => {
  const json = JSON.stringify(made);
  const quoted = json.replaceAll("'", "'\\''");
  const curl = `curl -s ${location.origin}/_sandbox/call -H 'content-type: application/json' -d '${quoted}'`;
  const told = el("span", { role: "status" });
  fill(place,
    el("p", { class: "outcome" }, error ? `Refused: ${error.message}` : "Done."),
    el("pre", { tabindex: 0, "aria-label": "The call as JSON" }, el("code", {}, json)),
    el("div", { class: "actions" },
      copying("Copy as JSON", json, told),
      copying("Copy as curl", curl, told),
      told));
});

function copying(label, text, told) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      told.textContent = "Copied.";
    } catch {
      told.textContent = "The browser did not let us copy. Select the text instead.";
    }
  };
  return el("button", { type: "button", onclick: copy }, label);
}
