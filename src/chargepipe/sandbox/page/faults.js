// Trouble on the line: ready-made faults, and those that are in force.

import { actions, does } from "./actions.js";
import { byId, drawing, el, hint } from "./dom.js";
import { count, span } from "./format.js";

const WRITE = "POST|PATCH|PUT|DELETE";
const READY = [
  ["503 to the next 5 calls", { service: "pipedrive", status: 503, times: 5 }],
  ["429 to the next 5 calls", { service: "pipedrive", status: 429, times: 5 }],
  ["The next write arrives, but its answer is lost",
    { service: "pipedrive", method: WRITE, kind: "drop_after" }],
  ["The next write is lost on its way", { service: "pipedrive", method: WRITE, kind: "drop_before" }],
  ["The next write arrives half a minute late",
    { service: "pipedrive", method: WRITE, kind: "late", seconds: 30 }],
  ["HTML 403 from the shield to the next 3 calls",
    { service: "pipedrive", kind: "html", status: 403, times: 3 }],
  ["The next 10 calls take 5 seconds each",
    { service: "pipedrive", kind: "delay", seconds: 5, times: 10 }],
  ["The token is refused until this is cleared",
    { service: "pipedrive", status: 401, times: null }],
  ["429 to the next 5 calls", { service: "chargebee", status: 429, times: 5 }],
  ["503 to the next 5 calls", { service: "chargebee", status: 503, times: 5 }],
  ["The next 10 calls take 5 seconds each",
    { service: "chargebee", kind: "delay", seconds: 5, times: 10 }],
  ["The key is refused until this is cleared",
    { service: "chargebee", status: 401, times: null }],
];
const NAMES = { pipedrive: "Pipedrive", chargebee: "Chargebee" };
const DOES = {
  status: (fault) => `answers ${fault.status}`,
  html: (fault) => `answers ${fault.status} with a web page`,
  drop_before: () => "loses calls before they are done",
  drop_after: () => "does the work and loses the answer",
  late: (fault) => `does the work ${span(fault.seconds)} late and loses the answer`,
  delay: (fault) => `answers ${span(fault.seconds)} late`,
};

/** A fault in plain words. */
export function describe(fault) {
  const about = [fault.method?.replaceAll("|", ", "), fault.path && `at ${fault.path}`];
  const calls = about.filter(Boolean).join(" ");
  const left = fault.left === null ? "until cleared" : `${count(fault.left, "call")} to come`;
  return `${NAMES[fault.service]} ${DOES[fault.kind](fault)}${calls && ` (${calls})`}: ${left}`;
}

const ready = (service) => READY.filter(([, args]) => args.service === service)
  .map(([label, args]) => does(label, "faults", "add", args));

const draw = drawing(byId("faults"), (inForce) => [
  el("h3", {}, "In force"),
  inForce.length ? el("ul", { class: "plain" }, inForce.map((fault) => el("li", {}, describe(fault))))
    : hint("None. Both services work. Choose some trouble below."),
  inForce.length > 0 && actions("faults", [does("Clear all faults", "faults", "clear", {})]),
  el("h3", {}, "Put in force"),
  el("div", { class: "pair" }, Object.entries(NAMES).map(([service, name]) =>
    el("fieldset", {}, el("legend", {}, name), actions(`faults ${service}`, ready(service))))),
]);

/** Draw the faults in force. */
export function drawFaults(state) {
  byId("fault-count").textContent = state.faults.length ? `(${state.faults.length} in force)` : "";
  draw(state.faults);
}
