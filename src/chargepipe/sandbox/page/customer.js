// The card of one customer: its data, subscriptions and invoices, and what can be done with it.

import { actions, asks, deletes, does } from "./actions.js";
import { attribute, FREE, freeAttribute } from "./attribute.js";
import { value, values } from "./card.js";
import { badge, el, fill, folded, heading, hint } from "./dom.js";
import { called, minor, moment, title, words } from "./format.js";
import { invoiceCard } from "./invoice.js";
import { startForm, subscriptionCard } from "./subscription.js";
import { underWay } from "./under_way.js";

const EDITED = ["first_name", "last_name", "email", "phone", "company"];
const TOLD = ["business_entity_id", "active_id", "preferred_currency_code"];
const TIMES = ["created_at", "updated_at"];
const LEFT_OUT = ["id", "object", "deleted", "pii_cleared", "billing_address", ...EDITED, ...TOLD, ...TIMES];
const ADDRESS = ["line1", "line2", "zip", "city", "state", "country"];
const GONE = "It is deleted: nothing can be done with it any more. Chargebee goes on listing it as deleted.";
let drawn = "";

/** Draw the card of an entry { customer, subscriptions, invoices }, or nothing. */
export function drawCustomer(node, entry, state) {
  const pending = entry ? underWay(entry.customer.id, state) : [];
  const now = JSON.stringify([entry, pending, state.choices]);
  if (now === drawn) return;
  drawn = now;
  fill(node, entry ? card(entry, pending, state) : []);
}

function card({ customer, subscriptions, invoices }, pending, state) {
  const key = `customer ${customer.id}`;
  return el("article", { class: "card", "aria-label": `Customer ${customer.id}` },
    heading("h3", key, called(customer), " ", el("code", {}, customer.id), badges(customer)),
    el("a", { class: "jump", href: "#crm" }, "To its person"),
    pending.map((line) => el("p", { class: "pending", role: "status" }, line)),
    customer.deleted ? hint(GONE) : actions(key, doings(customer, subscriptions, state)),
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
  const edit = (name) => {
    const { field, read } = attribute(customer[name]);
    const make = (given) => ["billing", "edit_customer", { id: customer.id, [name]: given === null ? null : read(given) }];
    return customer.deleted ? null : { field, make };
  };
  const { billing_address: address = {} } = customer;
  return [
    ...EDITED.map((name) => value(title(name), customer[name] ?? "", edit(name))),
    value("Billing company", address.company ?? ""),
    value("Billing address", ADDRESS.map((name) => address[name]).filter(Boolean).join(", ")),
    ...custom(customer).map((name) => value(name, plain(customer[name]), edit(name))),
    ...TOLD.map((name) => value(title(name), customer[name] ?? "")),
    ...TIMES.map((name) => value(title(name), moment(customer[name]))),
  ];
}

const custom = (customer) => Object.keys(customer).filter((name) => name.startsWith("cf_")).sort();

/** What is neither edited here nor much looked at. */
function rest(customer) {
  const names = Object.keys(customer).filter((name) => !LEFT_OUT.includes(name) && !name.startsWith("cf_"));
  return names.sort().map((name) => value(title(name), plain(customer[name])));
}

const plain = (held) => (typeof held === "object" ? JSON.stringify(held) : String(held));

function doings(customer, subscriptions, state) {
  const { id, preferred_currency_code: currency = "USD" } = customer;
  const clearable = (customer.pii_cleared ?? "active") === "active";
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
    asks("Set a custom field ...", "Set a custom field", FREE,
      (given) => ["billing", "edit_customer", { id, ...freeAttribute(given) }]),
    asks("Merge into ...", "Merge into another customer", [
      { name: "to_id", label: "Id of the customer that stays", help: "Subscriptions and invoices move there, about a minute later." },
    ], ({ to_id }) => ["customers", "merge", { from_id: id, to_id }]),
    asks("Transfer ...", "Transfer to another business entity", [
      { name: "entity", label: "Id of the business entity", value: "be_emea" },
    ], ({ entity }) => ["customers", "transfer", { id, business_entity_id: entity }]),
    does("Move to another site", "customers", "move_out", { id }),
    clearable && asks("Clear personal data ...", "Clear personal data", [
      { name: "after", label: "After how many seconds", type: "number", min: 0, value: 0,
        help: "Only when all subscriptions are cancelled." },
    ], ({ after }) => ["customers", "clear_personal_data", { id, after }]),
    deletes(called(customer), ["customers", "delete", { id }],
      "Its subscriptions and invoices go with it. Chargebee takes about three minutes for this."),
  ];
}
