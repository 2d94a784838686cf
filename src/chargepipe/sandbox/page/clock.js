// The top strip: the time of the sandbox, steps into the future, and the counters.

import { actions, does } from "./actions.js";
import { byId, drawing, el } from "./dom.js";
import { count, moment } from "./format.js";

const HOUR = 3600;
const STEPS = [
  ["An hour on", HOUR],
  ["A day on", 24 * HOUR],
  ["A week on", 7 * 24 * HOUR],
  ["A month on", 30 * 24 * HOUR],
];

const STILL = "Subscriptions stand still until you first let time pass.";

const clock = drawing(byId("clock"), (moves) => [
  el("div", { class: "now" }, el("span", { class: "name" }, "Time here (UTC)"), el("time", { id: "now" })),
  actions("clock", STEPS.map(([label, seconds]) =>
    does(label, "clock", "travel", { seconds }, { says: `Let ${count(seconds / HOUR, "hour")} pass` }))),
  !moves && el("p", { class: "hint", id: "still" }, STILL),
]);

const counters = drawing(byId("counters"), (shown) =>
  shown.map(([name, value, note]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, value, note && el("small", {}, ` ${note}`)))));

/** Draw the strip. */
export function drawClock(state) {
  clock(state.billing_moves);
  const time = byId("now");
  time.textContent = moment(state.now);
  time.setAttribute("datetime", new Date(state.now * 1000).toISOString());
  const calls = (service) => state.requests[service] ?? 0;
  const refused = (service) => (state.too_many[service] ? `${state.too_many[service]} got 429` : "none got 429");
  const tokens = (number) => number.toLocaleString("en");
  counters([
    ["Chargebee calls", calls("chargebee"), refused("chargebee")],
    ["Pipedrive calls", calls("pipedrive"), refused("pipedrive")],
    ["Tokens today", tokens(state.tokens_used_today), `${tokens(state.tokens_left_today)} left`],
    ["Plan", `${state.company.plan} × ${state.company.seats}`, `catalog ${state.site.catalog}`],
  ]);
}
