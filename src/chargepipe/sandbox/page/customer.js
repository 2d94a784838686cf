// The card of one customer: its data, subscriptions and invoices, and what can be done with it.

import { actions, asks, does } from "./actions.js";
import { text, value, values } from "./card.js";
import { badge, el, fill, folded, hint } from "./dom.js";
import { called, minor, moment, title, words } from "./format.js";
import { invoiceCard } from "./invoice.js";
import { startForm, subscriptionCard } from "./subscription.js";

const EDITED = ["first_name", "last_name", "email", "phone", "company"];
const TOLD = ["business_entity_id", "active_id", "preferred_currency_code", "pii_cleared"];
const TIMES = ["created_at", "updated_at"];
const LEFT_OUT = ["id", "object", "deleted", "billing_address", ...EDITED, ...TOLD, ...TIMES];
const ADDRESS = ["line1", "line2", "zip", "city", "state", "country"];
const LATER = "Chargebee does this in the background: it shows in a moment, or when time moves on.";
let drawn = "";

/** Draw the card of an entry { customer, subscriptions, invoices }, or nothing. */
export function drawCustomer(node, entry, state) {
  const now = JSON.stringify([entry, state.choices]);
  if (now === drawn) return;
  drawn = now;
  fill(node, entry ? card(entry, state) : []);
}

function card({ customer, subscriptions, invoices }, state) {
  const key = `customer ${customer.id}`;
  return el("article", { class: "card", "aria-label": `Customer ${customer.id}` },
    el("h3", {}, called(customer), " ", el("code", {}, customer.id), badges(customer)),
    actions(key, doings(customer, subscriptions, state)),
    values(key, data(customer)),
    folded(`${key} rest`, "All other attributes", values(key, rest(customer))),
    el("h4", {}, "Subscriptions"),
    subscriptions.length ? subscriptions.map((row) => subscriptionCard(row, state)) : hint("None. Start one above."),
    el("h4", {}, "Invoices"),
    invoices.length ? invoices.map(invoiceCard) : hint("None. Raise one above."));
}

function badges(customer) {
  const cleared = customer.pii_cleared;
  return [
    customer.deleted && badge("deleted", "bad"),
    cleared && cleared !== "active" && badge(`personal data: ${words(cleared)}`, "mild"),
  ];
}

function data(customer) {
  const edit = (name) => ({
    field: text(customer[name]),
    make: (given) => ["billing", "edit_customer", { id: customer.id, [name]: likewise(customer[name], given) }],
  });
  const { billing_address: address = {} } = customer;
  return [
    ...EDITED.map((name) => value(title(name), customer[name] ?? "", edit(name))),
    value("Billing company", address.company ?? ""),
    value("Billing address", ADDRESS.map((name) => address[name]).filter(Boolean).join(", ")),
    ...custom(customer).map((name) => value(name, plain(customer[name]), edit(name))),
    ...TOLD.map((name) => value(title(name), words(customer[name] ?? ""))),
    ...TIMES.map((name) => value(title(name), moment(customer[name]))),
  ];
}

const custom = (customer) => Object.keys(customer).filter((name) => name.startsWith("cf_")).sort();

/** What is neither edited here nor much looked at. */
function rest(customer) {
  const names = Object.keys(customer).filter((name) => !LEFT_OUT.includes(name) && !name.startsWith("cf_"));
  return names.sort().map((name) => value(title(name), plain(customer[name])));
}

/** What was typed, as the type that the attribute has: true, 5 or text. */
const likewise = (held, given) => (given !== null && /number|boolean/.test(typeof held) ? JSON.parse(given) : given);

const plain = (held) => (typeof held === "object" ? JSON.stringify(held) : String(held));

function doings({ id, preferred_currency_code: currency = "USD" }, subscriptions, state) {
  const billed = subscriptions.filter((row) => !row.deleted).map((row) => row.id);
  return [
    startForm(id, currency, state),
    asks("Raise an invoice ...", "Raise an invoice", [
      { name: "amount", label: `Amount (in the subscription's currency, else ${currency})`, type: "number",
        step: "any", min: 0, value: "100" },
      { name: "ids", label: "Subscriptions (ids with commas between)", optional: true, value: "",
        help: `Empty: a one-time invoice. ${billed.length ? `There are ${billed.join(", ")}.` : ""}` },
      { name: "due_in_days", label: "Due in days", type: "number", min: 0, value: 14 },
    ], ({ amount, ids = "", due_in_days }) => {
      const subscription_ids = ids.split(",").map((each) => each.trim()).filter(Boolean);
      const billed_in = subscriptions.find((row) => row.id === subscription_ids[0])?.currency_code ?? currency;
      return ["invoices", "raise_for", { customer_id: id, amount: minor(amount, billed_in), subscription_ids, due_in_days }];
    }),
    asks("Set a custom field ...", "Set a custom field", [
      { name: "name", label: "Name", value: "cf_", help: "Chargebee's names begin with cf_" },
      { name: "value", label: "Value (empty: take it away)", optional: true, empty: null },
    ], ({ name, value: given }) => ["billing", "edit_customer", { id, [name]: given }]),
    asks("Merge into ...", "Merge into another customer", [
      { name: "to_id", label: "Id of the customer that stays", help: "Subscriptions and invoices move there." },
    ], ({ to_id }) => ["customers", "merge", { from_id: id, to_id }], { note: LATER }),
    asks("Transfer ...", "Transfer to another business entity", [
      { name: "entity", label: "Id of the business entity", value: "be_emea" },
    ], ({ entity }) => ["customers", "transfer", { id, business_entity_id: entity }]),
    does("Move to another site", "customers", "move_out", { id }),
    asks("Clear personal data ...", "Clear personal data", [
      { name: "after", label: "After how many seconds", type: "number", min: 0, value: 0,
        help: "Only when all subscriptions are cancelled." },
    ], ({ after }) => ["customers", "clear_personal_data", { id, after }], { note: LATER }),
    does("Delete", "customers", "delete", { id }, { kind: "danger", note: LATER, says: "Delete with subscriptions and invoices" }),
  ];
}
