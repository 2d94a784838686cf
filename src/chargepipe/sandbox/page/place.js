// A record's place in the address: "#customer/cust_1" or "#person/20" opens it, so one can link to it.

import { read } from "./api.js";
import { showCustomer } from "./billing.js";
import { showRecord } from "./crm.js";

const PLACE = /^#(customer|subscription|invoice|person|organization|deal)\/(.+)$/;
const SOLD = ["subscription", "invoice"];

/** Open the record that the address names, now and whenever the address changes. */
export async function followPlace() {
  addEventListener("hashchange", () => void follow());
  await follow();
}

async function follow() {
  const [, kind, quoted] = PLACE.exec(location.hash) ?? [];
  if (!kind) return;
  const id = decodeURIComponent(quoted);
  if (kind === "customer") await showCustomer(id);
  else if (SOLD.includes(kind)) await showCustomer(await owner(kind, id));
  else await showRecord(kind, Number(id));
}

/** The customer of a subscription or an invoice; where that is gone, its own id: nobody is found. */
async function owner(kind, id) {
  const row = await read("billing", kind, { id }).catch(() => null);
  return row?.customer_id ?? id;
}
