// Persons and organizations: lists with every parameter, one, create, update, search, delete, merge.
import { each, everything, madeField, refused } from "./common.mjs";

const COUNTS = ["open_deals_count", "activities_count", "smart_bcc_email"];

export async function persons({ v2, two }) {
  const api = new v2.PersonsApi(two);
  const ask = (params) => api.getPersons(params);
  const key = await madeField(new v2.PersonFieldsApi(two), "person");
  const organization = (await new v2.OrganizationsApi(two).getOrganizations({ limit: 1 })).data[0];
  const created = (
    await api.addPerson({
      AddPersonRequest: {
        name: "Ada Lovelace",
        org_id: organization.id,
        emails: [{ value: "ada@walk.example", primary: true, label: "work" }],
        phones: [{ value: "+4930123456", primary: true, label: "home" }],
        visible_to: 3,
        label_ids: [],
        custom_fields: { [key]: "walked" },
      },
    })
  ).data;
  const changed = (
    await api.updatePerson({ id: created.id, UpdatePersonRequest: { name: "Ada King" } })
  ).data;
  const AddDealRequest = { title: "Walk: of a person", person_id: created.id };
  const deal = (await new v2.DealsApi(two).addDeal({ AddDealRequest })).data;
  const detail = { include_fields: COUNTS[0], include_option_labels: true, include_labels: true };
  const one = (await api.getPerson({ id: created.id, custom_fields: key, ...detail })).data;
  return {
    created,
    changed,
    one,
    ...(await everything(ask, { limit: 7 })),
    each: await each(ask, {
      ...common(created, key),
      org_id: organization.id,
      deal_id: deal.id,
      include_fields: COUNTS,
    }),
    found: await found(api.searchPersons.bind(api), {
      term: "ada@walk.example",
      exact_match: true,
      fields: "email",
      include_fields: "person.picture",
      organization_id: organization.id,
    }),
    deleted: (await api.deletePerson({ id: created.id })).data,
    after: await refused(api.getPerson({ id: created.id })),
  };
}

export async function organizations({ v2, two }) {
  const api = new v2.OrganizationsApi(two);
  const ask = (params) => api.getOrganizations(params);
  const key = await madeField(new v2.OrganizationFieldsApi(two), "organization");
  const custom_fields = { [key]: "walked" };
  const address = { value: "Main Street 1, Berlin" };
  const created = (
    await api.addOrganization({
      AddOrganizationRequest: { name: "Walk and Co", address, custom_fields },
    })
  ).data;
  const changed = (
    await api.updateOrganization({
      id: created.id,
      UpdateOrganizationRequest: { name: "Walk Company" },
    })
  ).data;
  const detail = { include_fields: COUNTS[0], include_option_labels: true, include_labels: true };
  const one = (await api.getOrganization({ id: created.id, custom_fields: key, ...detail })).data;
  return {
    created,
    changed,
    one,
    ...(await everything(ask, { limit: 7 })),
    each: await each(ask, { ...common(created, key), include_fields: COUNTS.slice(0, 2) }),
    found: await found(api.searchOrganization.bind(api), {
      term: "walk company",
      exact_match: true,
      fields: "name",
    }),
    deleted: (await api.deleteOrganization({ id: created.id })).data,
    after: await refused(api.getOrganization({ id: created.id })),
  };
}

export async function mergedRecords({ v1, v2, one, two }) {
  const people = new v2.PersonsApi(two);
  const [loser, winner] = [await person(people, "Bo"), await person(people, "Bo Two")];
  const merged = await new v1.PersonsApi(one).mergePersons({
    id: loser,
    MergePersonsRequest: { merge_with_id: winner },
  });
  const firms = new v2.OrganizationsApi(two);
  const [left, kept] = [await firm(firms, "Firm One"), await firm(firms, "Firm Two")];
  const joined = await new v1.OrganizationsApi(one).mergeOrganizations({
    id: left,
    MergeOrganizationsRequest: { merge_with_id: kept },
  });
  return {
    person: { loser, winner, merged: merged.data, after: await refused(people.getPerson({ id: loser })) },
    organization: { loser: left, winner: kept, merged: joined.data },
  };
}

// Parameters that both lists take, each on its own.
function common(created, key) {
  return {
    ids: `${created.id},1`,
    owner_id: created.owner_id,
    updated_since: created.update_time,
    updated_until: created.update_time,
    sort_by: ["id", "update_time", "add_time"],
    sort_direction: ["asc", "desc"],
    custom_fields: key,
    include_option_labels: true,
    include_labels: true,
    limit: 3,
  };
}

// Hits under all parameters, and page by page for a term that meets many.
async function found(search, params) {
  const { data } = await search(params);
  const first = await search({ term: "an", limit: 1 });
  const cursor = first.additional_data.next_cursor;
  const second = await search({ term: "an", limit: 1, cursor });
  return {
    hits: data.items.map((hit) => hit.item),
    paged: [first, second].map((page) => page.data.items.map((hit) => hit.item.id)).flat(),
  };
}

const person = async (api, name) => (await api.addPerson({ AddPersonRequest: { name } })).data.id;

const firm = async (api, name) =>
  (await api.addOrganization({ AddOrganizationRequest: { name } })).data.id;
