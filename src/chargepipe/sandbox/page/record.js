// The card of a person, an organization or a deal.

import { actions, asks, deletes, does } from "./actions.js";
import { value, values } from "./card.js";
import { dealDoings } from "./deal.js";
import { badge, el, fill, heading, hint } from "./dom.js";
import { customValue } from "./field_value.js";
import { title, words } from "./format.js";

const NAMES = { name: "Name", title: "Title", owner_id: "Owner", org_id: "Organization", person_id: "Person", stage_id: "Stage", visible_to: "Visible to" };
const SEEN_BY = { 1: "owner and followers", 3: "everybody", 5: "owner's group", 7: "group and below" };
const OWNERS = [1, 5];
const EVERYBODY = 3;
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
  else if (row.gone) fill(node, heading("p", `${open.kind} ${open.id}`, `The ${open.kind} ${open.id} is gone: deleted, or merged into another.`));
  else fill(node, card(open.kind, row, around, state, go));
}

function card(kind, row, around, state, go) {
  const key = `${kind} ${row.id}`;
  return el("article", { class: "card", "aria-label": `${title(kind)} ${row.id}` },
    heading("h3", key, row.title ?? row.name, " ", el("code", {}, `${kind} ${row.id}`),
      kind === "deal" && badge(words(row.status), { won: "good", lost: "bad" }[row.status] ?? "mild"),
      row.is_archived && badge("archived"),
      isHidden(row, state) && badge("hidden from the connecting user", "bad")),
    el("a", { class: "jump", href: "#billing" }, "To billing"),
    actions(key, doings(kind, row, state)),
    values(key, [...own(kind, row, around, state), ...custom(kind, row, state)]),
    near(around, go));
}

const isHidden = (row, { choices: { users } }) => OWNERS.includes(row.visible_to) && row.owner_id !== users[0]?.id;

function own(kind, row, around, state) {
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
    const line = value(NAMES[name] ?? title(name), shown(name, held, around, state), editable ? edit(name, field) : null);
    return name === "name" ? [line, ...contacts("emails"), ...contacts("phones")] : [line];
  });
}

function shown(name, held, around, state) {
  if (held === null || held === undefined) return "";
  const among = (rows) => rows.find((each) => each.id === held)?.name;
  if (name === "owner_id") return `${among(state.choices.users) ?? "user"} (${held})`;
  if (name === "org_id") return `${among(around.organizations) ?? "organization"} (${held})`;
  if (name === "person_id") return `${among(around.persons) ?? "person"} (${held})`;
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
    !isHidden(row, state) && does("Hide", "crm", "hide", { kind, id }, { says: "Hide: a colleague owns it then, and only the owner sees it" }),
    row.visible_to !== EVERYBODY && does("Show", "crm", "show", { kind, id }, { says: "Show: everybody sees it, and its old owner has it again" }),
    deletes(row.title ?? row.name, ["crm", `delete_${kind}`, { id }]),
  ];
}

/** What hangs together with the record: its organization, its persons and its deals. */
function near(around, go) {
  const link = (other, id, name) => el("li", {},
    el("button", { type: "button", class: "link", "data-key": `near ${other} ${id}`, onclick: () => go(other, id) }, name ?? `${other} ${id}`));
  const links = [
    ...around.organizations.map((each) => link("organization", each.id, each.name)),
    ...around.persons.map((each) => link("person", each.id, each.name)),
    ...around.deals.map((each) => link("deal", each.id, `${each.title} (${words(each.status)})`)),
  ].filter(Boolean);
  return links.length > 0 && [el("h4", {}, "Hangs together with"), el("ul", { class: "plain" }, links)];
}
