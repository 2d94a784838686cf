// The straightforward loop: the official clients, and for each customer a search and a write.
// It keeps to the same services as chargepipe in bench/peers.py: name, email, phone and the id.
import Chargebee from "chargebee";
import { v2 } from "pipedrive";

const { CHARGEBEE_API_KEY, CHARGEBEE_URL, PIPEDRIVE_API_TOKEN, PIPEDRIVE_URL } = process.env;
const site = new URL(CHARGEBEE_URL);
const chargebee = new Chargebee({
  apiKey: CHARGEBEE_API_KEY,
  site: site.hostname,
  protocol: "http",
  hostSuffix: "",
  port: Number(site.port),
});
const account = new v2.Configuration({ basePath: `${PIPEDRIVE_URL}/api/v2` });
account.apiKey = PIPEDRIVE_API_TOKEN;
const persons = new v2.PersonsApi(account);
const fields = new v2.PersonFieldsApi(account);

const mark = await markField();
let offset;
do {
  const page = await chargebee.customer.list({ limit: 100, offset });
  for (const { customer } of page.list) if (customer.email) await keep(customer);
  offset = page.next_offset;
} while (offset);

async function markField() {
  const name = "CB Customer ID";
  const { data } = await patient(() => fields.getPersonFields({ limit: 500 }));
  const known = data.find((field) => field.field_name === name);
  if (known) return known.field_code;
  const body = { AddPersonFieldRequest: { field_name: name, field_type: "varchar" } };
  return (await patient(() => fields.addPersonField(body))).data.field_code;
}

async function keep(customer) {
  const term = customer.email.trim();
  const ask = { term, fields: "email", exact_match: true, limit: 1 };
  const found = (await patient(() => persons.searchPersons(ask))).data.items[0]?.item;
  const body = {
    name: `${customer.first_name ?? ""} ${customer.last_name ?? ""}`.trim() || term,
    emails: [{ value: term, primary: true, label: "work" }],
    custom_fields: { [mark]: customer.id },
  };
  if (customer.phone) body.phones = [{ value: customer.phone, primary: true, label: "work" }];
  await patient(() =>
    found
      ? persons.updatePerson({ id: found.id, UpdatePersonRequest: body })
      : persons.addPerson({ AddPersonRequest: body }),
  );
}

// Too many calls: the client hides the headers that tell how long to wait; a burst is two seconds.
async function patient(call) {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (error.error !== "Request over limit") throw error;
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
}
