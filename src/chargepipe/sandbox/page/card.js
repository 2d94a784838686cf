// Parts of a record's card: its values as a table with an "Edit" button where it can be edited.

import { actions, asks } from "./actions.js";
import { el } from "./dom.js";

/**
 * One value of a record. edit: { field, make } for a dialog with one input; make(value) gives
 * [target, method, args]; null where it cannot be edited.
 */
export const value = (name, shown, edit = null, note = "") => ({ name, shown, edit, note });

/** The values of a record; those without one are left out, unless they can be edited. */
export function values(key, list) {
  const shown = list.filter((each) => each.edit || (each.shown !== "" && each.shown !== "-"));
  return el("table", { class: "values" }, el("tbody", {}, shown.map((each) => row(key, each))));
}

function row(key, { name, shown, edit, note }) {
  return el("tr", {},
    el("th", { scope: "row", title: note || false }, name),
    el("td", {}, shown === "" ? el("span", { class: "none" }, "none") : shown),
    el("td", { class: "edit" }, edit && actions(`${key} ${name}`, [editing(name, edit)])));
}

function editing(name, { field, make }) {
  const field_ = { name: "value", label: name, ...field };
  const done = (values) => make(values.value);
  return asks("Edit", `Edit: ${name}`, [field_], done, { says: `Edit ${name}`, kind: "small", submit: "Save" });
}
