// The card of a person, an organization or a deal.

import { actions, asks, does } from "./actions.js";
import { value, values } from "./card.js";
import { dealDoings } from "./deal.js";
import { badge, el, fill, hint } from "./dom.js";
import { customValue } from "./field_value.js";
import { title, words } from "./format.js";

const NAMES = { name: "Name", title: "Title", owner_id: "Owner", org_id: "Organization", person_id: "Person", stage_id: "Stage", visible_to: "Visible to" };
const SEEN_BY = { 1: "owner and followers", 3: "everybody", 5: "owner's group", 7: "group and below" };
const TEXTS = ["name", "title"];
const NUMBERS = ["owner_id", "org_id", "person_id", "visible_to", "value"];
const LEFT_OUT = ["id", "custom_fields", "first_name", "last_name", "emails", "phones", "picture_id", "is_deleted"];
let drawn = "";

/** Draw the card of what is open ({ kind, id }), or nothing; `around`: what hangs on it. */
export function drawRecord(node, open, row, around, state, go) {
  const now = JSON.stringify([open, row, around, state.fields, state.choices]);
  if (now === drawn) return;
  drawn = now;
  if (!open) fill(node);
  else if (row.gone) fill(node, hint(`The ${open.kind} ${open.id} is gone: deleted, or merged into another.`));
  else fill(node, card(open.kind, row, around, state, go));
}

function card(kind, row, around, state, go) {
  const key = `${kind} ${row.id}`;
  const hidden = row.visible_to === 1 && row.owner_id !== state.choices.users[0]?.id;
  return el("article", { class: "card", "aria-label": `${title(kind)} ${row.id}` },
    el("h3", {}, row.title ?? row.name, " ", el("code", {}, `${kind} ${row.id}`),
      kind === "deal" && badge(words(row.status), { won: "good", lost: "bad" }[row.status] ?? "mild"),
      row.is_archived && badge("archived"),
      hidden && badge("hidden from the connecting user", "bad")),
    actions(key, doings(kind, row, state)),
    values(key, [...own(kind, row, state), ...custom(kind, row, state)]),
    near(row, around, go));
}

function own(kind, row, state) {
  const edit = (name, field, read = (given) => given) => ({
    field: { optional: true, empty: null, ...field },
    make: (given) => ["crm", `edit_${kind}`, { id: row.id, [name]: read(given) }],
  });
  const contacts = (name) => (row[name] ? [value(title(name), row[name].map((each) => each.value).join(", "),
    edit(name, { value: row[name][0]?.value ?? "", help: "All are replaced by this one." },
      (given) => (given ? [{ value: given, primary: true, label: "work" }] : [])))] : []);
  const rest = Object.keys(row).filter((name) => !LEFT_OUT.includes(name));
  return rest.flatMap((name) => {
    const held = row[name];
    const number = NUMBERS.includes(name);
    const field = number ? { type: "number", step: "any", value: held ?? "" } : { value: held ?? "", optional: false };
    const editable = number || TEXTS.includes(name);
    const line = value(NAMES[name] ?? title(name), shown(name, held, state), editable ? edit(name, field) : null);
    return name === "name" ? [line, ...contacts("emails"), ...contacts("phones")] : [line];
  });
}

function shown(name, held, state) {
  if (held === null || held === undefined) return "";
  const among = (rows) => rows.find((each) => each.id === held)?.name;
  if (name === "owner_id") return `${among(state.choices.users) ?? "user"} (${held})`;
  if (name === "stage_id") return among(state.choices.stages) ?? String(held);
  if (name === "visible_to") return `${SEEN_BY[held] ?? "level"} (${held})`;
  if (Array.isArray(held)) return held.join(", ");
  if (typeof held === "object") return held.value ?? JSON.stringify(held);
  return String(held).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ$/, "$1 $2");
}

function custom(kind, row, state) {
  return state.fields[kind].map((field) => {
    const { text, input, read } = customValue(field, row.custom_fields[field.code], state);
    const make = (given) => ["crm", `edit_${kind}`, { id: row.id, custom_fields: { [field.code]: read(given) } }];
    return value(field.name, text, input && { field: input, make }, `Custom field ${field.code}, ${field.type}`);
  });
}

function doings(kind, row, state) {
  const { id } = row;
  const merge = { person: "merge_persons", organization: "merge_organizations", deal: "merge_deals" }[kind];
  return [
    ...(kind === "deal" ? dealDoings(row, state) : []),
    kind === "person" && asks("Make a deal ...", "Make a deal of this person", [
      { name: "title", label: "Title", value: `${row.name} deal` },
      { name: "value", label: "Value", type: "number", step: "any", min: 0, value: 100 },
    ], (given) => ["crm", "add_deal", { person_id: id, ...given }]),
    asks("Merge into ...", `Merge this ${kind} into another`, [
      { name: "winner", label: `Id of the ${kind} that stays`, type: "number", min: 1 },
    ], ({ winner }) => ["crm", merge, { loser: id, winner }]),
    does("Hide", "crm", "hide", { kind, id }, { says: "A colleague owns it and it is visible to the owner alone" }),
    does("Show", "crm", "show", { kind, id }),
    does("Delete", "crm", `delete_${kind}`, { id }, { kind: "danger" }),
  ];
}

/** What hangs together with the record: its organization, its persons and its deals. */
function near(row, around, go) {
  const link = (other, id, name) => el("li", {},
    el("button", { type: "button", class: "link", "data-key": `near ${other} ${id}`, onclick: () => go(other, id) }, name ?? `${other} ${id}`));
  const links = [
    row.person_id && link("person", row.person_id),
    row.org_id && link("organization", row.org_id),
    ...around.persons.map((each) => link("person", each.id, each.name)),
    ...around.deals.map((each) => link("deal", each.id, `${each.title} (${words(each.status)})`)),
  ].filter(Boolean);
  return links.length > 0 && [el("h4", {}, "Hangs together with"), el("ul", { class: "plain" }, links)];
}
