// One dialog for all forms: labelled inputs, one call, and its error in words.

import { byId, el, focusOn } from "./dom.js";

/**
 * Ask for values, then do(values). A field is { name, label, type, value, options, help, optional }:
 * type text (default), number, date, select (options: [[value, label], ...]) or checkbox.
 * An empty optional field is left out of the values. Afterwards the focus is where it was.
 */
export function ask({ title, text, fields, kind = "main", submit = "Do it" }, work) {
  const dialog = byId("ask");
  const { key, card } = document.activeElement?.dataset ?? {};
  const inputs = fields.map((field) => [field, input(field)]);
  const alert = el("p", { role: "alert", class: "wrong" });
  const send = el("button", { type: "submit", class: kind }, submit);
  const cancel = el("button", { type: "button", onclick: () => dialog.close() }, "Cancel");
  const form = el("form", {},
    el("h2", { id: "ask-title" }, title),
    text && el("p", {}, text),
    ...inputs.map(([field, node]) => labelled(field, node)),
    alert,
    el("div", { class: "actions" }, send, cancel));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (send.ariaBusy === "true") return;
    send.ariaBusy = "true";
    try {
      await work(Object.fromEntries(inputs.flatMap(([field, node]) => given(field, node))));
      dialog.close();
    } catch (error) {
      alert.textContent = error.message;
    } finally {
      send.ariaBusy = null;
    }
  });
  dialog.replaceChildren(form);
  dialog.addEventListener("close", () => focusOn(key, card), { once: true });
  dialog.showModal();
}

function input(field) {
  const common = { name: field.name, id: `ask-for-${field.name}`, "aria-describedby": field.help && `help-${field.name}` };
  if (field.type === "select") {
    const options = field.options.map(([value, label]) => el("option", { value }, label));
    const node = el("select", common, ...options);
    if (field.value !== undefined) node.value = field.value;
    return node;
  }
  if (field.type === "checkbox") {
    return el("input", { ...common, type: "checkbox", checked: Boolean(field.value) });
  }
  return el("input", {
    ...common,
    type: field.type ?? "text",
    step: field.step,
    min: field.min,
    required: !field.optional,
    autocomplete: "off",
    value: field.value ?? "",
  });
}

function labelled(field, node) {
  const help = field.help && el("small", { id: `help-${field.name}` }, field.help);
  const label = el("label", { for: node.id }, field.label);
  const box = field.type === "checkbox";
  return el("div", { class: box ? "field check" : "field" }, box ? [node, label] : [label, node], help);
}

function given(field, node) {
  if (field.type === "checkbox") return [[field.name, node.checked]];
  if (node.value === "") return field.empty === undefined ? [] : [[field.name, field.empty]];
  return [[field.name, field.type === "number" || field.number ? Number(node.value) : node.value]];
}
