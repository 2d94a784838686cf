// Deals: lists with every parameter, archived ones, one, create, update, search, products, merge.
import { each, everything, madeField, refused } from "./common.mjs";

export async function deals({ v2, two }) {
  const api = new v2.DealsApi(two);
  const ask = (params) => api.getDeals(params);
  const key = await madeField(new v2.DealFieldsApi(two), "deal");
  const person = (await new v2.PersonsApi(two).getPersons({ limit: 1 })).data[0].id;
  const firm = (await new v2.OrganizationsApi(two).getOrganizations({ limit: 1 })).data[0].id;
  const created = (
    await api.addDeal({
      AddDealRequest: {
        ...{ title: "Walk: Gold", value: 12.5, currency: "EUR", person_id: person, org_id: firm },
        ...{ expected_close_date: "2026-12-24", visible_to: 3, label_ids: [] },
        custom_fields: { [key]: "walked" },
      },
    })
  ).data;
  for (const title of ["Walk: one", "Walk: two", "Walk: three", "Walk: four"]) {
    await api.addDeal({ AddDealRequest: { title } });
  }
  const change = async (UpdateDealRequest) =>
    (await api.updateDeal({ id: created.id, UpdateDealRequest })).data;
  const won = await change({ status: "won" });
  const lost = await change({ status: "lost", lost_reason: "not paid" });
  const open = await change({ status: "open" });
  const detail = { include_fields: "notes_count", include_option_labels: true };
  const one = (
    await api.getDeal({ id: created.id, custom_fields: key, include_labels: true, ...detail })
  ).data;
  const params = {
    ...parameters(created, key),
    include_option_labels: true,
    include_labels: true,
    status: ["open", "won", "lost", "deleted", "open,won"],
  };
  const seen = {
    ...{ created, won, lost, open, one, each: await each(ask, params) },
    ...(await everything(ask, { limit: 2 })),
    found: await found(api, created),
  };
  const archived = await change({ is_archived: true });
  const other = seen.rows.find((row) => row.title === "Walk: one").id;
  await api.updateDeal({ id: other, UpdateDealRequest: { is_archived: true } });
  const archive = (each) => api.getArchivedDeals(each);
  const listed = await each(archive, { ...parameters(created, key), status: ["open", "won"] });
  const archive_pages = (await everything(archive, { limit: 1 })).pages;
  const gone = (await ask({ ids: `${created.id}` })).data;
  await change({ is_archived: false });
  const deleted = (await api.deleteDeal({ id: created.id })).data;
  const after = await refused(api.getDeal({ id: created.id }));
  return { ...seen, archived, archive_pages, listed, gone, deleted, after };
}

export async function products({ v2, two }) {
  const api = new v2.DealProductsApi(two);
  const AddDealRequest = { title: "Walk: with products", value: 5, currency: "EUR" };
  const id = (await new v2.DealsApi(two).addDeal({ AddDealRequest })).data.id;
  const data = [
    { product_id: 1, item_price: 10, quantity: 2 },
    { product_id: 1, item_price: 1.5, quantity: 1 },
  ];
  const added = (await api.addManyDealProducts({ id, CreateManyDealProductRequest: { data } })).data;
  const AddDealProductRequest = { product_id: 1, item_price: 2, quantity: 3 };
  const single = (await api.addDealProduct({ id, AddDealProductRequest })).data;
  const sorted = { limit: 1, sort_by: "id", sort_direction: "asc" };
  const listed = await everything((params) => api.getDealProducts({ id, ...params }), sorted);
  const deal = (await new v2.DealsApi(two).getDeal({ id })).data;
  const UpdateDealRequest = { value: 7 };
  const locked = await refused(new v2.DealsApi(two).updateDeal({ id, UpdateDealRequest }));
  const removed = [];
  for (const { id: product_attachment_id } of listed.rows) {
    removed.push((await api.deleteDealProduct({ id, product_attachment_id })).data.id);
  }
  const free = (await new v2.DealsApi(two).updateDeal({ id, UpdateDealRequest })).data;
  return { added, single, listed, deal, locked, removed, free };
}

export async function mergedDeals({ v1, v2, one, two }) {
  const api = new v2.DealsApi(two);
  const made = async (title) => (await api.addDeal({ AddDealRequest: { title } })).data.id;
  const [loser, winner] = [await made("Deal one"), await made("Deal two")];
  const merged = await new v1.DealsApi(one).mergeDeals({
    id: loser,
    MergeDealsRequest: { merge_with_id: winner },
  });
  return { loser, winner, merged: merged.data, after: await refused(api.getDeal({ id: loser })) };
}

// Parameters that both lists of deals take, each on its own.
function parameters(created, key) {
  return {
    ids: `${created.id},1`,
    owner_id: created.owner_id,
    person_id: created.person_id,
    org_id: created.org_id,
    pipeline_id: created.pipeline_id,
    stage_id: created.stage_id,
    updated_since: created.update_time,
    updated_until: created.update_time,
    sort_by: ["id", "update_time", "add_time"],
    sort_direction: ["asc", "desc"],
    include_fields: ["notes_count", "products_count"],
    custom_fields: key,
    limit: 3,
  };
}

async function found(api, created) {
  const params = {
    ...{ term: "walk: gold", exact_match: true, fields: "title", status: "open", limit: 5 },
    ...{ person_id: created.person_id, organization_id: created.org_id },
  };
  const { data } = await api.searchDeals({ ...params, include_fields: "deal.cc_email" });
  const first = await api.searchDeals({ term: "walk", limit: 1 });
  await api.searchDeals({ term: "walk", limit: 1, cursor: first.additional_data.next_cursor });
  return data.items.map((hit) => hit.item);
}
