// Fields of persons, organizations and deals, and their options.
import { camel, everything, refused } from "./common.mjs";

const MORE = {
  person: "ui_visibility,important_fields,required_fields",
  organization: "ui_visibility,important_fields,required_fields",
  deal: "ui_visibility,important_fields,required_fields",
};

export async function fields({ v2, two }) {
  const seen = {};
  for (const entity of Object.keys(MORE)) {
    seen[entity] = await walked(new v2[`${camel(entity)}FieldsApi`](two), entity);
  }
  return seen;
}

async function walked(api, entity) {
  const name = camel(entity);
  const ask = (params) => api[`get${name}Fields`](params);
  const body = {
    field_name: "Walk",
    field_type: "set",
    options: [{ label: "One" }, { label: "Two" }],
  };
  const created = (await api[`add${name}Field`]({ [`Add${name}FieldRequest`]: body })).data;
  const field_code = created.field_code;
  const changed = (
    await api[`update${name}Field`]({
      field_code,
      [`Update${name}FieldRequest`]: { field_name: "Walked" },
    })
  ).data;
  const added = (
    await api[`add${name}FieldOptions`]({
      field_code,
      AddDealFieldOptionsRequestInner: [{ label: "Three" }, { label: "Four" }],
    })
  ).data;
  const renamed = (
    await api[`update${name}FieldOptions`]({
      field_code,
      UpdateDealFieldOptionsRequestInner: [{ id: added[0].id, label: "Drei" }],
    })
  ).data;
  const dropped = (
    await api[`delete${name}FieldOptions`]({
      field_code,
      DeleteDealFieldOptionsRequestInner: [{ id: added[1].id }],
    })
  ).data;
  const one = (await api[`get${name}Field`]({ field_code, include_fields: MORE[entity] })).data;
  const listed = await everything(ask, { limit: 5, include_fields: MORE[entity] });
  const deleted = (await api[`delete${name}Field`]({ field_code })).data;
  const after = await refused(api[`get${name}Field`]({ field_code }));
  return { created, changed, added, renamed, dropped, one, deleted, after, ...listed };
}
