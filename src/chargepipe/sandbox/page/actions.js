// Buttons, and the errors that stand where the button was.

import { call } from "./api.js";
import { ask } from "./ask.js";
import { el } from "./dom.js";

const wrong = new Map(); // the words of the last error by card
let after = async () => {};

/** Set what happens after each successful call: the page looks anew. */
export const afterEach = (work) => {
  after = work;
};

/** A button that makes its call at once. */
export const does = (label, target, method, args, more = {}) => ({
  label, ...more, run: () => call(target, method, args),
});

/** A button that asks first; make(values) gives [target, method, args]. */
export const asks = (label, title, fields, make, more = {}) => ({
  label, ...more,
  dialog: { title, fields, make, text: more.text, kind: more.kind, submit: more.submit ?? label.replace(/ ?\.\.\.$/, "") },
});

/** A "Delete" button: it asks once whether `name` is meant. */
export const deletes = (name, call_, text = "") =>
  asks("Delete", `Delete ${name}?`, [], () => call_, { kind: "danger", text, says: `Delete ${name}` });

/** The buttons of one card, with a place for errors. `key` names the card. */
export function actions(key, list) {
  const alert = el("p", { role: "alert", class: "wrong" }, wrong.get(key) ?? "");
  const tell = (text) => {
    wrong.set(key, text);
    alert.textContent = text;
  };
  const buttons = list.filter(Boolean).map((each) => button(key, each, tell));
  return el("div", { class: "actions" }, ...buttons, alert);
}

function button(key, action, tell) {
  const press = action.dialog ? () => opened(action.dialog, tell) : (event) => pressed(event.currentTarget, action, tell);
  return el("button", {
    type: "button",
    class: action.kind,
    "data-key": `${key} ${action.label}`,
    "data-card": `card ${key}`,
    "aria-label": action.says?.startsWith(action.label) && action.says,
    title: action.says,
    onclick: press,
  }, action.label);
}

/** It is not switched off while its call is under way: then it would lose the focus. */
async function pressed(button_, action, tell) {
  if (button_.ariaBusy === "true") return;
  button_.ariaBusy = "true";
  try {
    await action.run();
    tell("");
  } catch (error) {
    tell(error.message);
  } finally {
    button_.ariaBusy = null;
  }
  await after();
}

function opened(dialog, tell) {
  ask(dialog, async (values) => {
    await call(...dialog.make(values));
    tell("");
    await after();
  });
}
