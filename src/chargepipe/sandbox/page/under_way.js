// What Chargebee does in the background with a customer, in words.

import { moment } from "./format.js";

const HOUR = 3600;

/** A line for each deletion, merge and clearing that is begun and not done yet. */
export const underWay = (id, state) =>
  state.under_way.filter((each) => each.id === id || each.into === id).map((each) => line(each, id, state.now));

function line({ what, id, into, done_at }, shown, now) {
  const merge = into === shown ? `Merge of ${id} into this one` : `Merge into ${into}`;
  const name = { deletion: "Deletion with subscriptions and invoices", merge, clearing: "Clearing of personal data" }[what];
  const hint = done_at - now <= HOUR ? 'press "An hour on"' : "let time pass";
  return `${name} is under way, as Chargebee does it: done at ${moment(done_at)} UTC. To have it at once, ${hint}.`;
}
