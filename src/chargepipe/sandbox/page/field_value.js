// The value of a custom field: how it reads, its input, and what the input means.

import { number, numbers } from "./format.js";

/** { text, input, read }: input is a field of the dialog, null where it cannot be edited here. */
export function customValue(field, held, state) {
  const kind = KINDS[field.type] ?? KINDS.other;
  return kind(field, held ?? null, state);
}

const ours = (text, input, read = (given) => given) => ({
  text, input: input && { optional: true, empty: null, ...input }, read,
});

function choice(field, held) {
  const options = [["", "none"], ...Object.entries(field.options)];
  const id = (given) => (given ? Number(given) : null);
  return ours(held === null ? "" : field.options[held] ?? `option ${held}`,
    { type: "select", options, value: String(held ?? "") }, id);
}

function choices(field, held) {
  const labels = (held ?? []).map((id) => field.options[id] ?? `option ${id}`);
  const help = `Option ids with commas between. ${Object.entries(field.options).map(([id, label]) => `${id}: ${label}`).join(", ")}`;
  const read = (given) => (given ? numbers(given, "An option id") : null);
  return ours(labels.join(", "), { value: (held ?? []).join(","), help }, read);
}

function amount(field, held, { choices: { crm_currencies: currencies } }) {
  const currency = held?.currency ?? "USD";
  const read = (given) => {
    if (!given) return null;
    const [typed, code = currency] = given.trim().split(/\s+/);
    return { value: number(typed, "The amount"), currency: code.toUpperCase() };
  };
  const help = `Amount and currency, as in "49.00 USD". There are ${currencies.join(", ")}.`;
  return ours(held ? `${held.value} ${held.currency}` : "", { value: held ? `${held.value} ${held.currency}` : "", help }, read);
}

const KINDS = {
  enum: choice,
  set: choices,
  monetary: amount,
  double: (_, held) => ours(held === null ? "" : String(held), { type: "number", step: "any", value: held ?? "" }),
  date: (_, held) => ours(held ?? "", { type: "date", value: held ?? "" }),
  varchar: (_, held) => ours(held ?? "", { value: held ?? "" }),
  text: (_, held) => ours(held ?? "", { value: held ?? "" }),
  varchar_auto: (_, held) => ours(held ?? "", { value: held ?? "" }),
  phone: (_, held) => ours(held ?? "", { value: held ?? "" }),
  other: (_, held) => ours(held === null ? "" : typeof held === "object" ? held.value ?? JSON.stringify(held) : String(held), null),
};
