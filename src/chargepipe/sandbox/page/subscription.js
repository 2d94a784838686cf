// A subscription in its customer's card, and the form to start one.

import { actions, asks, deletes, does } from "./actions.js";
import { value, values } from "./card.js";
import { badge, el, heading } from "./dom.js";
import { day, money, moment, tone, words } from "./format.js";

const UNITS = ["month", "year", "week", "day"].map((unit) => [unit, unit]);

const pairs = (names) => names.map((name) => [name, name]);

/** The button that starts a subscription of a customer. */
export function startForm(customerId, currency, { choices }) {
  const currencies = [...new Set([currency, ...choices.currencies])];
  return asks("Start a subscription ...", "Start a subscription", [
    { name: "plan", label: "Plan", type: "select", options: pairs(choices.plans) },
    { name: "currency", label: "Currency", type: "select", options: pairs(currencies), value: currency },
    { name: "unit", label: "Billed every", type: "select", options: UNITS },
    { name: "quantity", label: "Quantity", type: "number", min: 1, value: 1 },
    { name: "trial_days", label: "Trial days", type: "number", min: 0, value: 0 },
    { name: "start_in_days", label: "Starts in days", type: "number", min: 0, value: 0 },
  ], (given) => ["subscriptions", "start", { customer_id: customerId, ...given }], { kind: "main" });
}

/** The card of one subscription. */
export function subscriptionCard(row, state) {
  const key = `subscription ${row.id}`;
  const status = row.deleted ? "deleted" : row.status;
  return el("section", { class: "part", "aria-label": `Subscription ${row.id}` },
    heading("h5", key, plan(row), " ", el("code", {}, row.id), badge(words(status), tone(status)),
      row.has_scheduled_changes && badge("change scheduled", "mild")),
    values(key, data(row)),
    actions(key, doings(row, state)));
}

function plan(row) {
  const first = (row.subscription_items ?? []).find((item) => item.item_type === "plan");
  return first?.item_price_id ?? row.plan_id ?? "no plan";
}

function data(row) {
  const items = row.subscription_items ?? [];
  const lines = items.map((item) =>
    `${item.item_price_id} × ${item.quantity ?? 1}: ${money(item.amount, row.currency_code)}`);
  return [
    value("Billed", `every ${row.billing_period ?? 1} ${row.billing_period_unit ?? "month"}`),
    value("Items", lines.join("; ")),
    value("MRR", money(row.mrr, row.base_currency_code ?? row.currency_code), null, "Follows a change late"),
    value("Starts", day(row.start_date)),
    value("Trial ends", day(row.trial_end)),
    value("Next billing", day(row.next_billing_at)),
    value("Term ends", day(row.current_term_end)),
    value("Paused", day(row.pause_date)),
    value("Resumes", day(row.resume_date)),
    value("Change at", day(row.changes_scheduled_at)),
    value("Cancelled", row.cancelled_at ? `${day(row.cancelled_at)} ${row.cancel_reason ?? row.cancel_reason_code ?? ""}` : ""),
    value("Changed", moment(row.updated_at)),
  ];
}

const LIVE = ["active", "non_renewing", "in_trial", "future"];
const AT_END = { name: "at_term_end", label: "At the end of the term", type: "checkbox" };

/** Only what the subscription's status lets be done. */
function doings(row, { choices }) {
  const { id, status, deleted, has_scheduled_changes: scheduled } = row;
  if (deleted) return [];
  const live = LIVE.includes(status);
  const ending = ["non_renewing", "in_trial"].includes(status) && row.cancelled_at;
  const at_end = ["active", "in_trial"].includes(status) && !ending ? [AT_END] : [];
  return [
    live && asks("Change ...", "Change the subscription", [
      { name: "plan", label: "Plan", type: "select", options: [["", "as it is"], ...pairs(choices.plans)] },
      { name: "quantity", label: "Quantity (empty: as it is)", type: "number", min: 1, optional: true },
      ...at_end,
    ], (given) => ["subscriptions", "change", { id, ...given }]),
    scheduled && does("Drop scheduled change", "subscriptions", "remove_scheduled_changes", { id }),
    (live || status === "paused") && asks("Cancel ...", "Cancel the subscription", [
      ...at_end,
      { name: "reason", label: "Reason code", optional: true },
    ], (given) => ["subscriptions", "cancel", { id, ...given }], { submit: "Cancel it" }),
    ending && does("Keep", "subscriptions", "keep", { id }, { says: "Keep: take the scheduled cancellation back" }),
    ["active", "non_renewing"].includes(status) && !scheduled && asks("Pause ...", "Pause the subscription", [
      { name: "resume_in_days", label: "Resume in days (empty: open)", type: "number", min: 1, optional: true },
    ], (given) => ["subscriptions", "pause", { id, ...given }]),
    status === "paused" && does("Resume", "subscriptions", "resume", { id }),
    status === "cancelled" && does("Reactivate", "subscriptions", "reactivate", { id }),
    deletes(`subscription ${id}`, ["billing", "delete_subscription", { id }]),
  ];
}
