// The page: looks at the sandbox every two seconds and draws what it sees.

import { afterEach } from "./actions.js";
import { read, state as readState } from "./api.js";
import { lookBilling, one, openCustomer, startBilling } from "./billing.js";
import { drawClock } from "./clock.js";
import { lookCrm, showBeside, startCrm } from "./crm.js";
import { byId } from "./dom.js";
import { drawFaults } from "./faults.js";
import { drawFields } from "./fields.js";
import { called } from "./format.js";
import { customerOf, personsOf } from "./pairing.js";
import { startPanels } from "./panels.js";
import { drawPermissions } from "./permissions.js";
import { followPlace } from "./place.js";
import "./script.js";
import { drawTerms } from "./terms.js";
import { drawTraffic } from "./traffic.js";

const EVERY = 2000; // milliseconds
const AT_MOST = 5; // looking takes one part in so many of the time, on a large sandbox too
const PAUSE = 3000; // milliseconds after the last key until something may be drawn anew
let typed = -Infinity; // when somebody typed last
let state = null;
let pair = null; // the customer whose person is shown beside it
let looking = null;

/** Look and draw once; who comes while somebody looks waits, then looks again. */
async function refresh(draws = true) {
  while (looking) await looking;
  looking = look(draws).finally(() => {
    looking = null;
  });
  await looking;
}

async function look(draws) {
  try {
    state = await readState();
    if (draws) await drawAll();
    sayLost("");
  } catch (error) {
    sayLost(error.message);
  }
}

async function drawAll() {
  drawBar();
  await lookBilling(state);
  await lookCrm(state, pair && (async () => personsOf(await newest(pair), state)));
}

function sayLost(text) {
  if (byId("lost").textContent !== text) byId("lost").textContent = text;
}

const newest = async (customer) => (await one(customer.id))?.customer ?? customer;

function drawBar() {
  drawClock(state);
  drawTerms(state, refresh);
  drawFaults(state);
  drawTraffic(state);
  drawFields(state);
  drawPermissions(state);
}

async function customerChosen(customer) {
  pair = customer;
  showBeside(called(customer), await personsOf(customer, state));
}

async function recordChosen(kind, row) {
  pair = null;
  const person = kind === "person" ? row : row.person_id && (await read("crm", "person", { id: row.person_id }).catch(() => null));
  const customer = person && (await customerOf(person, state));
  if (customer) openCustomer(customer.id);
}

/** Nothing is drawn anew below the hands of somebody who types. */
const typing = () => byId("ask").open || performance.now() - typed < PAUSE;

async function poll() {
  const began = performance.now();
  if (document.visibilityState === "visible") await refresh(!typing());
  setTimeout(poll, Math.max(EVERY, (performance.now() - began) * AT_MOST));
}

addEventListener("input", () => {
  typed = performance.now();
});
afterEach(refresh);
startPanels();
startBilling(customerChosen, refresh);
startCrm(recordChosen, refresh);
await refresh();
await followPlace();
setTimeout(poll, EVERY);
