// Which person stands for which customer: by CB Customer ID, else by email.

import { read } from "./api.js";

const MARK = /^CB Customer ID( \(.*\))?$/;
const same = (one, other) => one?.trim().toLowerCase() === other?.trim().toLowerCase();

const marks = (state) => state.fields.person.filter((field) => MARK.test(field.name)).map((field) => field.code);

const emails = (person) => (person.emails ?? []).map((each) => each.value);

/** The persons that have the customer's id as their mark, and those with its email. */
export async function personsOf(customer, state) {
  const texts = [customer.id, customer.email].filter(Boolean);
  const hits = await Promise.all(texts.map((text) => read("crm", "search", { text, limit: 20 })));
  const rows = new Map(hits.flatMap((found) => found.persons).map((row) => [row.id, row]));
  return [...rows.values()].filter((row) => standsFor(row, customer, marks(state)));
}

function standsFor(person, customer, codes) {
  const held = codes.map((code) => person.custom_fields?.[code]).filter(Boolean);
  if (held.length) return held.includes(customer.id);
  return Boolean(customer.email) && emails(person).some((email) => same(email, customer.email));
}

/** The customer that a person stands for, or null. */
export async function customerOf(person, state) {
  const ids = marks(state).map((code) => person.custom_fields?.[code]).filter(Boolean);
  for (const id of ids) {
    const customer = await read("billing", "customer", { id }).catch(() => null);
    if (customer) return customer;
  }
  for (const email of emails(person)) {
    const rows = await read("billing", "search", { text: email, limit: 5 });
    const hit = rows.find((row) => same(row.customer.email, email));
    if (hit) return hit.customer;
  }
  return null;
}
