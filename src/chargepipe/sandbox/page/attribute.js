// An attribute of a customer as an input, and what the input means.

import { number } from "./format.js";

const CHOICE = [["", "none"], ["true", "true"], ["false", "false"]];

/** { field, read } for a value that is there: a choice for true and false, numbers as numbers. */
export function attribute(held) {
  const free = { optional: true, empty: null };
  switch (typeof held) {
    case "boolean":
      return { field: { ...free, type: "select", options: CHOICE, value: String(held) }, read: (given) => given && given === "true" };
    case "number":
      return { field: { ...free, type: "number", step: "any", value: held }, read: (given) => given };
    case "object":
      return { field: { ...free, value: held ? JSON.stringify(held) : "" }, read: parsed };
    default:
      return { field: { ...free, value: held ?? "" }, read: (given) => given };
  }
}

function parsed(given) {
  try {
    return JSON.parse(given);
  } catch {
    throw new Error('This value is written as JSON, such as {"name": "text"} or ["text", 5].');
  }
}

const KINDS = {
  text: (given) => given,
  number: (given) => number(given, "The value"),
  true: () => true,
  false: () => false,
};

/** The fields of the form that sets a custom field of whatever name. */
export const FREE = [
  { name: "name", label: "Name", value: "cf_", help: "Chargebee's names begin with cf_" },
  { name: "kind", label: "It is", type: "select", options: [["text", "a text"], ["number", "a number"], ["true", "true"], ["false", "false"]] },
  { name: "given", label: "Value", optional: true, empty: null, help: "Empty takes the field away; true and false need none." },
];

/** What that form means, as { name: value }. Throws an Error with words. */
export function freeAttribute({ name, kind, given }) {
  if (!/^cf_\w+$/.test(name)) {
    throw new Error("A custom field's name begins with cf_, then letters, digits or _, such as cf_tier.");
  }
  const isEmpty = given === null && (kind === "text" || kind === "number");
  return { [name]: isEmpty ? null : KINDS[kind](given) };
}
