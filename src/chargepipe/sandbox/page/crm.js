// The CRM side: search, the list, and the record that is open.

import { call, read } from "./api.js";
import { badge, byId, drawing, el, focusOn, hint } from "./dom.js";
import { called, words } from "./format.js";
import { drawRecord } from "./record.js";
import { hit, searchBox } from "./search.js";

const LIMIT = 20;
const KINDS = [["person", "persons", "Persons"], ["organization", "organizations", "Organizations"], ["deal", "deals", "Deals"]];
let found = null; // the last search: { text, rows }, rows by plural
let opened = null; // { kind, id } of the open record
let beside = null; // { name, rows }: the persons that stand for the customer on the left
let chosen = () => {};
let again = async () => {};

/** Set up the side; choose(kind, row) is called when a person opens a record. */
export function startCrm(choose, refresh) {
  chosen = choose;
  again = refresh;
  searchBox("crm-search", "Search persons, organizations and deals", "Name, email, company or id", async (text) => {
    found = { text, rows: await call("crm", "search", { text, limit: LIMIT }) };
    opened = null;
    beside = null;
    await again();
  });
}

/** Show these persons as those that stand for a customer; one alone is opened. */
export function showBeside(name, persons) {
  beside = { name, count: persons.length, rows: { persons } };
  opened = persons.length === 1 ? { kind: "person", id: persons[0].id } : null;
}

/** Which record is open: { kind, id } or null. */
export const openedRecord = () => opened;

/** Look anew at what is shown, and draw it. beside_: finds the persons of the open customer. */
export async function lookCrm(state, findBeside) {
  if (beside && findBeside) beside.rows = { persons: await findBeside() };
  const single = beside?.rows.persons.length === 1 && beside.count === 0;
  if (single && !opened) opened = { kind: "person", id: beside.rows.persons[0].id };
  if (beside) beside.count = beside.rows.persons.length;
  const row = opened && (await current());
  const around = row && !row.gone ? await read("near", "of", { kind: opened.kind, id: opened.id }) : null;
  if (!opened && found && !beside) found.rows = await read("crm", "search", { text: found.text, limit: LIMIT });
  list(opened, beside, found, state.cases);
  drawRecord(byId("crm-open"), opened, row, around, state, open);
}

/** The open record as it is now, { gone: true } once it was deleted or merged. */
async function current() {
  const { kind, id } = opened;
  if (!opened.gone) {
    try {
      return await read("crm", kind, { id });
    } catch (error) {
      if (!error.isRefusal) throw error;
      opened.gone = true;
    }
  }
  return { gone: true };
}

const list = drawing(byId("crm-list"), (open_, near, search) => {
  const back = open_ && el("button", { type: "button", class: "back", "data-key": "back", onclick: close }, "Back to the list");
  if (near) return [besides(near, open_), back];
  if (open_) return back;
  if (!search) return hint("Search, or pick a customer on the left: the person that stands for it is shown here.");
  const groups = KINDS.map(([kind, plural, title]) => group(kind, title, search.rows[plural] ?? []));
  return groups.some(Boolean) ? groups : hint(`Nothing is found with "${search.text}".`);
});

function besides({ name, rows: { persons } }, open_) {
  if (!persons.length) {
    return hint(`No person stands for ${name} yet: none has its CB Customer ID or its email. A sync makes one.`);
  }
  const text = persons.length === 1 ? `This person stands for ${name}.` : `${persons.length} persons have the CB Customer ID or the email of ${name}:`;
  return [hint(text), persons.length > 1 && !open_ && group("person", "Persons", persons)];
}

async function close() {
  const was = opened;
  opened = null;
  beside = null;
  await again();
  focusOn(`${was?.kind} ${was?.id}`, "crm-search-text");
}

function group(kind, title, rows) {
  if (!rows.length) return null;
  return [el("h3", {}, title), el("ul", { class: "hits" }, rows.map((row) => item(kind, row)))];
}

function item(kind, row) {
  const mails = (row.emails ?? []).map((each) => each.value);
  const below = [...mails, row.org_id && `organization ${row.org_id}`, `${kind} ${row.id}`];
  const state = kind === "deal" && badge(words(row.status), row.status === "won" ? "good" : "mild");
  return hit(`${kind} ${row.id}`, row.title ?? called(row), below.filter(Boolean).join(" · "), state, () => open(kind, row.id));
}

/** Open a record as if a person had pressed it. */
export const showRecord = (kind, id) => open(kind, id);

async function open(kind, id) {
  opened = { kind, id };
  const row = await read("crm", kind, { id }).catch(() => null);
  beside = null;
  if (row) await chosen(kind, row);
  await again();
  focusOn(`card ${kind} ${id}`);
}
