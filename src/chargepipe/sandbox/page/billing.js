// The billing side: search, the list, and the customer that is open.

import { actions, asks } from "./actions.js";
import { call, read } from "./api.js";
import { drawCustomer } from "./customer.js";
import { badge, byId, drawing, el, focusOn, hint } from "./dom.js";
import { called, count, words } from "./format.js";
import { hit, searchBox } from "./search.js";

const LIMIT = 20;
const BOX = "billing-search-text";
let found = null; // the last search: { text, rows }
let opened = null; // the id of the open customer
let chosen = () => {};
let again = async () => {};

/** Set up the side; choose(entry) is called when a person opens a customer. */
export function startBilling(choose, refresh) {
  chosen = choose;
  again = refresh;
  searchBox("billing-search", "Search customers", "Name, email, company or id", async (text) => {
    found = { text, rows: await call("billing", "search", { text, limit: LIMIT }) };
    opened = null;
    await again();
  });
}

/** Open the customer with this id, or none. */
export function openCustomer(id) {
  opened = id;
}

/** Look anew at what is shown, and draw it. */
export async function lookBilling(state) {
  const entry = opened && (await one(opened));
  if (!opened && found) found.rows = await read("billing", "search", { text: found.text, limit: LIMIT });
  list(opened, found, found ? {} : state.cases);
  drawCustomer(byId("billing-open"), entry, state);
}

/** A customer with its subscriptions and invoices; null where there is none. */
export async function one(id) {
  const rows = await read("billing", "search", { text: id, limit: 5 });
  const same = rows.find((row) => row.customer.id === id);
  if (same) return same;
  const customer = await read("billing", "customer", { id }).catch(() => null);
  return customer && { customer, subscriptions: [], invoices: [] };
}

const making = asks("Make a customer ...", "Make a customer", [
  { name: "first_name", label: "First name", optional: true },
  { name: "last_name", label: "Last name", optional: true },
  { name: "email", label: "Email", type: "email", optional: true },
  { name: "company", label: "Company", optional: true },
], (given) => ["billing", "add_customer", given]);

const list = drawing(byId("billing-list"), (open, search, cases) => {
  if (open) return el("button", { type: "button", class: "back", "data-key": "back", onclick: close }, "Back to the list");
  const some = Object.keys(cases).length > 0;
  const make = actions("customers", [making]);
  if (!search) return [hint(some ? "Search, or pick one of these cases:" : "Search for a customer."), picks(cases), make];
  const back = el("button", { type: "button", class: "back", "data-key": "cases", onclick: forget }, "Back to the cases");
  return [el("div", { class: "row" }, back, make), hits(search)];
});

function hits({ text, rows }) {
  if (!rows.length) return hint(`Nobody is found with "${text}". Try a part of a name, an email or an id.`);
  return el("ul", { class: "hits" }, rows.map(item));
}

async function forget() {
  found = null;
  byId(BOX).value = "";
  await again();
  byId(BOX).focus();
}

async function close() {
  const was = opened;
  opened = null;
  await again();
  focusOn(`customer ${was}`, BOX);
}

function picks(cases) {
  return el("ul", { class: "picks" }, Object.entries(cases).map(([name, id]) =>
    el("li", {}, el("button", { type: "button", "data-key": `customer ${id}`, onclick: () => open(id) }, words(name)))));
}

function item({ customer, subscriptions, invoices }) {
  const below = [customer.email, customer.company !== called(customer) && customer.company, customer.id,
    count(subscriptions.length, "subscription"), count(invoices.length, "invoice")];
  const gone = customer.deleted && badge("deleted", "bad");
  return hit(`customer ${customer.id}`, called(customer), below.filter(Boolean).join(" · "), gone, () => open(customer.id));
}

/** Open a customer as if a person had pressed it. */
export const showCustomer = (id) => open(id);

async function open(id) {
  opened = id;
  const entry = await one(id);
  if (entry) await chosen(entry.customer);
  await again();
  focusOn(`card customer ${id}`);
}
