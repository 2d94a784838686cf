// An invoice in its customer's card.

import { actions, asks, does } from "./actions.js";
import { value, values } from "./card.js";
import { badge, el } from "./dom.js";
import { day, minor, money, tone, typed, words } from "./format.js";

/** The card of one invoice. */
export function invoiceCard(row) {
  const key = `invoice ${row.id}`;
  const status = row.deleted ? "deleted" : row.status;
  return el("section", { class: "part", "aria-label": `Invoice ${row.id}` },
    el("h5", {}, money(row.total, row.currency_code), " ", el("code", {}, row.id),
      badge(words(status), tone(status)),
      badge(row.recurring ? "recurring" : "one-time")),
    values(key, data(row)),
    actions(key, row.deleted ? [] : doings(row)));
}

function data(row) {
  const amount = (name) => (row[name] ? money(row[name], row.currency_code) : "");
  return [
    value("Date", day(row.date)),
    value("Due", day(row.due_date)),
    value("Paid", row.paid_at ? `${day(row.paid_at)} ${amount("amount_paid")}` : amount("amount_paid")),
    value("Still due", amount("amount_due")),
    value("Credited", amount("credits_applied")),
    value("Written off", amount("write_off_amount")),
    value("Voided", row.voided_at ? `${day(row.voided_at)} ${row.void_reason_code ?? ""}` : ""),
    value("Subscription", row.subscription_id ?? ""),
  ];
}

function doings({ id, currency_code: currency, amount_due: due, total }) {
  const amount = (label, held) => ({
    name: "amount", label: `${label} (${currency})`, type: "number", step: "any", min: 0,
    value: typed(held || total || 0, currency),
  });
  const asking = (label, name, held) =>
    asks(`${label} ...`, `${label} invoice ${id}`, [amount("Amount", held)],
      (given) => ["invoices", name, { id, amount: minor(given.amount, currency) }]);
  return [
    asking("Pay", "pay", due),
    asking("Refund", "refund", total),
    asking("Credit", "credit", total),
    asks("Void ...", `Void invoice ${id}`, [{ name: "reason", label: "Reason code", optional: true }],
      (given) => ["invoices", "void", { id, ...given }], { submit: "Void it" }),
    does("Write off", "invoices", "write_off", { id }),
    does("Delete", "invoices", "delete", { id }, { kind: "danger" }),
  ];
}
