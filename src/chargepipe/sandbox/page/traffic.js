// What went over the line: newest calls, webhooks, newest events.

import { actions, does } from "./actions.js";
import { badge, byId, drawing, el, hint } from "./dom.js";
import { moment, words } from "./format.js";

const cells = (...texts) => texts.map((text) => el("td", {}, text));

function table(caption, heads, rows) {
  return el("div", { class: "scroll" }, el("table", {},
    el("caption", { class: "hidden" }, caption),
    el("thead", {}, el("tr", {}, heads.map((head) =>
      el("th", { scope: "col", class: head === "Tokens" && "number" }, head)))),
    el("tbody", {}, rows)));
}

function status(number) {
  if (number === 0) return badge("connection died", "bad");
  return badge(String(number), number < 400 ? "good" : "bad");
}

const calls = drawing(byId("calls"), (newest) => (newest.length
  ? table("The newest 20 calls, newest first", ["Service", "Call", "Status", "Tokens"], newest.map((one) =>
    el("tr", {}, el("td", {}, words(one.service)), el("td", {}, el("code", {}, `${one.method} ${one.path}`)),
      el("td", {}, status(one.status)), el("td", { class: "number" }, one.tokens || ""))))
  : hint("None yet. Run a sync against the sandbox and watch its calls here.")));

const webhooks = drawing(byId("webhooks"), (outbox, hooks) => [
  el("p", {}, `${outbox.sent} sent, ${outbox.waiting} waiting.`),
  hooks.length
    ? table("Webhooks", ["From", "To", "About", "State", "Last answer"], hooks.map((hook) =>
      el("tr", {}, cells(hook.service, hook.to, hook.about), el("td", {}, badge(hook.is_active ? "on" : "off")),
        cells(hook.last_status ?? "-"))))
    : hint("Nobody has asked for webhooks. They are made over the API, by chargepipe for example."),
  actions("webhooks", [
    toggle(outbox, "twice", "Send each one twice", "Send each one once"),
    toggle(outbox, "turned_round", "Send in the wrong order", "Send in order"),
  ]),
]);

const toggle = (outbox, name, on, off) =>
  does(outbox[name] ? off : on, "outbox", "set", { [name]: !outbox[name] });

const events = drawing(byId("events"), (newest) => (newest.length
  ? table("The newest 20 events, newest first", ["At", "Event", "About"], newest.map((event) =>
    el("tr", {}, cells(moment(event.occurred_at), words(event.event_type), Object.values(event.about).join(", ")))))
  : hint("None yet. Change something and Chargebee tells of it here.")));

/** Draw calls, webhooks and events. */
export function drawTraffic(state) {
  const { waiting, sent } = state.outbox;
  byId("hook-count").textContent = waiting || sent ? `(${waiting} waiting, ${sent} sent)` : "";
  calls(state.calls);
  webhooks(state.outbox, state.hooks);
  events(state.events);
}
