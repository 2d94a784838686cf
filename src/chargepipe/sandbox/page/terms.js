// Plan, seats, catalog, lags and switches: each change is one call "set".

import { call } from "./api.js";
import { byId, drawing, el } from "./dom.js";

const CHOICES = {
  catalog: [["v1", "1.0: plans and addons"], ["v2", "2.0: items"], ["coexistence", "both at once"]],
  plan: ["lite", "growth", "premium", "ultimate"].map((plan) => [plan, plan]),
};
const TERMS = [
  ["site", "catalog", "Product catalog", "select"],
  ["site", "list_lag", "Lists show a write after (seconds)", "number"],
  ["site", "mrr_delay", "MRR follows a change after (seconds)", "number"],
  ["site", "live", "Live site: too many calls get it blocked", "checkbox"],
  ["site", "blocked", "Blocked: every read is refused", "checkbox"],
  ["company", "plan", "Plan", "select"],
  ["company", "seats", "Seats", "number"],
  ["company", "is_open", "Paid for (else every call gets 402)", "checkbox"],
  ["company", "shows_limits", "Answers carry rate headers", "checkbox"],
];

let failed = "";
let again = async () => {};

const draw = drawing(byId("terms"), (held, limits) => [
  el("div", { class: "pair" }, group("Chargebee", "site", held), group("Pipedrive", "company", held)),
  el("p", { class: "hint" }, limits),
  el("p", { role: "alert", class: "wrong", id: "terms-wrong" }, failed),
]);

/** Draw the terms in force. */
export function drawTerms(state, refresh) {
  again = refresh;
  const { daily_tokens: tokens, burst, field_quota: quota } = state.company;
  const limits = `This plan and these seats: ${tokens.toLocaleString("en")} tokens a day, ` +
    `${burst} calls in 2 seconds, ${quota} custom fields.`;
  draw({ site: state.site, company: state.company }, limits);
}

function group(legend, target, held) {
  const terms = TERMS.filter((term) => term[0] === target);
  return el("fieldset", {}, el("legend", {}, legend),
    el("div", { class: "grid" }, terms.map((term) => field(held[target], ...term))));
}

function field(held, target, name, label, type) {
  const id = `${target}-${name}`;
  const node = input(type, id, name, held[name]);
  node.addEventListener("change", async () => {
    if (await change(target, name, type === "checkbox" ? node.checked : node.value, type)) return;
    if (type === "checkbox") node.checked = held[name];
    else node.value = held[name];
  });
  const text = el("label", { for: id }, label);
  const box = type === "checkbox";
  return el("div", { class: box ? "field check" : "field" }, box ? [node, text] : [text, node]);
}

function input(type, id, name, value) {
  const common = { id, "data-key": id };
  if (type === "checkbox") return el("input", { ...common, type, checked: value });
  if (type === "number") return el("input", { ...common, type, min: 0, step: "any", value });
  const options = CHOICES[name].map(([key, text]) => el("option", { value: key, selected: key === value }, text));
  return el("select", common, options);
}

/** Whether the sandbox took the value. */
async function change(target, name, value, type) {
  try {
    if (type === "number" && value === "") throw new Error(`${name} has to be a number.`);
    await call(target, "set", { [name]: type === "number" ? Number(value) : value });
    failed = "";
  } catch (error) {
    failed = error.message;
  }
  byId("terms-wrong").textContent = failed;
  await again();
  return !failed;
}
