// Buttons, and the errors that stand where the button was.

import { call } from "./api.js";
import { ask } from "./ask.js";
import { el } from "./dom.js";

const wrong = new Map(); // the words of the last error by card
const notes = new Map(); // what is to be known after the last button, by card
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
  label, ...more, dialog: { title, fields, note: more.note, submit: more.submit ?? label.replace(/ ?\.\.\.$/, ""), make },
});

/** The buttons of one card, with a place for errors. `key` names the card. */
export function actions(key, list) {
  const alert = el("p", { role: "alert", class: "wrong" }, wrong.get(key) ?? "");
  const told = el("p", { role: "status", class: "told" }, notes.get(key) ?? "");
  const tell = (text, note = "") => {
    wrong.set(key, text);
    notes.set(key, note);
    alert.textContent = text;
    told.textContent = note;
  };
  const buttons = list.filter(Boolean).map((each) => button(key, each, tell));
  return el("div", { class: "actions" }, ...buttons, alert, told);
}

function button(key, action, tell) {
  const press = action.dialog ? () => opened(action.dialog, tell) : (event) => pressed(event, action, tell);
  return el("button", {
    type: "button",
    class: action.kind,
    "data-key": `${key} ${action.label}`,
    "aria-label": action.says?.startsWith(action.label) && action.says,
    title: action.says,
    onclick: press,
  }, action.label);
}

async function pressed(event, action, tell) {
  const pushed = event.currentTarget;
  pushed.setAttribute("aria-busy", "true");
  pushed.disabled = true;
  try {
    await action.run();
    tell("", action.note);
  } catch (error) {
    tell(error.message);
  } finally {
    pushed.disabled = false;
    pushed.removeAttribute("aria-busy");
  }
  await after();
}

function opened(dialog, tell) {
  ask(dialog, async (values) => {
    await call(...dialog.make(values));
    tell("", dialog.note);
    await after();
  });
}
