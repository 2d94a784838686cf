// Pipedrive's official client walks the simulated Pipedrive, as it is.
//
//   node walk.mjs '{"base": "http://127.0.0.1:8802", "token": "...", "app": {...}}'
//
// Writes one line of JSON: what the client saw, by step; {"error": ...} where a step failed.
import { createRequire } from "node:module";
import { deals, mergedDeals, products } from "./deals.mjs";
import { fields } from "./fields.mjs";
import { oauth } from "./oauth.mjs";
import { mergedRecords, organizations, persons } from "./records.mjs";
import { account, pipelines, stages } from "./account.mjs";
import { webhooks } from "./webhooks.mjs";

const require = createRequire(import.meta.url);
const { base, token, app } = JSON.parse(process.argv[2]);
const v1 = require("pipedrive/v1");
const v2 = require("pipedrive/v2");
const world = {
  v1,
  v2,
  base,
  app,
  one: new v1.Configuration({ apiKey: token, basePath: `${base}/api/v1` }),
  two: new v2.Configuration({ apiKey: token, basePath: `${base}/api/v2` }),
};
const steps = {
  ...{ account, pipelines, stages, fields, persons, organizations, mergedRecords },
  ...{ deals, products, mergedDeals, webhooks, oauth },
};

const seen = {};
for (const [name, step] of Object.entries(steps)) {
  try {
    seen[name] = await step(world);
  } catch (error) {
    const told = error instanceof Error ? error.stack : JSON.stringify(error);
    seen[name] = { error: told };
  }
}
console.log(JSON.stringify(seen));
