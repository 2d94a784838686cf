// Custom fields of the CRM: rename, delete, options.

import { actions, asks, deletes } from "./actions.js";
import { byId, drawing, el, heading, hint } from "./dom.js";
import { title } from "./format.js";

const ENTITIES = ["person", "organization", "deal"];
const TYPES = ["varchar", "text", "double", "monetary", "date", "enum", "set", "phone"];
const pairs = (names) => names.map((name) => [name, name]);

const adding = asks("Make a field ...", "Make a custom field", [
  { name: "entity", label: "Of", type: "select", options: pairs(ENTITIES) },
  { name: "field_name", label: "Name" },
  { name: "field_type", label: "Type", type: "select", options: pairs(TYPES) },
  { name: "options", label: "Options (of enum and set; with commas between)", optional: true },
], ({ options, ...given }) => ["crm", "add_field", options
  ? { ...given, options: options.split(",").map((label) => ({ label: label.trim() })) } : given]);

const draw = drawing(byId("fields"), (fields, quota) => {
  const used = ENTITIES.reduce((sum, entity) => sum + fields[entity].length, 0);
  return [
    hint(`${used} of ${quota} custom fields are used.${used ? "" : " A sync makes those that it needs."}`),
    actions("fields", [adding]),
    ENTITIES.map((entity) => fields[entity].length > 0 && [
      el("h4", {}, `Of ${entity}s`),
      fields[entity].map((field) => card(entity, field)),
    ]),
  ];
});

function card(entity, field) {
  const { code, name, type, options } = field;
  const key = `field ${entity} ${code}`;
  return el("section", { class: "part", "aria-label": `Field ${name}` },
    heading("h5", key, name, " ", el("code", {}, type), " ", el("code", { class: "long", title: "The field's key" }, code)),
    Object.keys(options).length > 0 && el("p", { class: "hint" },
      `Options: ${Object.entries(options).map(([id, label]) => `${label} (${id})`).join(", ")}`),
    actions(key, [
      asks("Rename ...", `Rename ${name}`, [{ name: "name", label: "Name", value: name }],
        (given) => ["crm", "rename_field", { entity, code, ...given }]),
      ...(type === "enum" || type === "set" ? choosing(entity, field) : []),
      deletes(`the field ${name}`, ["crm", "delete_field", { entity, code }], "All its values go with it."),
    ]));
}

function choosing(entity, { code, name, options }) {
  return [
    asks("Add an option ...", `${title(name)}: add an option`, [{ name: "label", label: "Label" }],
      (given) => ["crm", "add_option", { entity, code, ...given }]),
    asks("Delete an option ...", `${title(name)}: delete an option`, [
      { name: "option_id", label: "Option", type: "select", options: Object.entries(options), number: true },
    ], (given) => ["crm", "delete_option", { entity, code, ...given }]),
  ];
}

/** Draw the list of custom fields. */
export function drawFields(state) {
  draw(state.fields, state.company.field_quota);
}
