// The page: looks at the sandbox every two seconds and draws what it sees.

import { afterEach } from "./actions.js";
import { state as readState } from "./api.js";
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
import "./script.js";
import { drawTerms } from "./terms.js";
import { drawTraffic } from "./traffic.js";

const EVERY = 2000; // milliseconds
const AT_MOST = 5; // looking takes one part in so many of the time, on a large sandbox too
let state = null;
let pair = null; // the customer whose person is shown beside it
let looking = null;

/** Look and draw once; who comes while somebody looks waits, then looks again. */
async function refresh() {
  while (looking) await looking;
  looking = look().finally(() => {
    looking = null;
  });
  await looking;
}

async function look() {
  try {
    state = await readState();
    drawBar();
    await lookBilling(state);
    await lookCrm(state, pair && (async () => personsOf(await newest(pair), state)));
    byId("lost").hidden = true;
  } catch (error) {
    byId("lost").hidden = false;
    byId("lost").textContent = error.message;
  }
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
  const customer = kind === "person" ? await customerOf(row, state) : null;
  if (customer) openCustomer(customer.id);
}

const typing = () => byId("ask").open || document.activeElement?.matches("input:not([type=checkbox]), select, textarea");

async function poll() {
  const began = performance.now();
  if (document.visibilityState === "visible" && !typing()) await refresh();
  setTimeout(poll, Math.max(EVERY, (performance.now() - began) * AT_MOST));
}

afterEach(refresh);
startPanels();
startBilling(customerChosen, refresh);
startCrm(recordChosen, refresh);
await refresh();
setTimeout(poll, EVERY);
