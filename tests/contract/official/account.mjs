// What every account has: users, permissions, currencies, pipelines, stages.
import { each, everything } from "./common.mjs";

export async function account({ v1, one }) {
  const users = new v1.UsersApi(one);
  const me = (await users.getCurrentUser()).data;
  return {
    me,
    user: (await users.getUser({ id: me.id })).data,
    users: (await users.getUsers()).data,
    permissions: (await users.getUserPermissions({ id: me.id })).data,
    currencies: (await new v1.CurrenciesApi(one).getCurrencies()).data,
    euro: (await new v1.CurrenciesApi(one).getCurrencies({ term: "EUR" })).data,
  };
}

export async function pipelines({ v2, two }) {
  const api = new v2.PipelinesApi(two);
  const ask = (params) => api.getPipelines(params);
  const sorts = { sort_by: ["id", "update_time", "add_time"], sort_direction: ["asc", "desc"] };
  const listed = await everything(ask, { limit: 1 });
  const one = (await api.getPipeline({ id: 1 })).data;
  return { one, ...listed, each: await each(ask, sorts) };
}

export async function stages({ v2, two }) {
  const api = new v2.StagesApi(two);
  const ask = (params) => api.getStages(params);
  const sorts = {
    ...{ sort_by: ["id", "update_time", "add_time"], sort_direction: ["asc", "desc"] },
    pipeline_id: 1,
  };
  const listed = await everything(ask, { limit: 2 });
  const one = (await api.getStage({ id: 2 })).data;
  return { one, ...listed, each: await each(ask, sorts) };
}
