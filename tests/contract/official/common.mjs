// What several steps share.

// All rows of a list, page by page, and how many pages there were.
export async function everything(ask, params = {}) {
  const rows = [];
  let cursor;
  let pages = 0;
  do {
    const page = await ask({ ...params, ...(cursor ? { cursor } : {}) });
    rows.push(...page.data);
    cursor = page.additional_data?.next_cursor;
    pages += 1;
  } while (cursor);
  return { rows, pages };
}

// The ids that a list gives under each single parameter.
export async function each(ask, params) {
  const found = {};
  for (const [name, values] of Object.entries(params)) {
    for (const value of [values].flat()) {
      const { data } = await ask({ [name]: value });
      found[`${name}=${value}`] = data.map((row) => row.id);
    }
  }
  return found;
}

// The error that a call ends with; fails where it ends well.
export async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("this call should have been refused");
}

// A custom text field; its key.
export async function madeField(api, entity) {
  const name = camel(entity);
  const body = { field_name: `Walk ${entity}`, field_type: "varchar" };
  return (await api[`add${name}Field`]({ [`Add${name}FieldRequest`]: body })).data.field_code;
}

export const camel = (name) => name[0].toUpperCase() + name.slice(1);
