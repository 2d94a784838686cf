// An invoice in its customer's card.

import { actions, asks, deletes, does } from "./actions.js";
import { value, values } from "./card.js";
import { badge, el, heading } from "./dom.js";
import { day, minor, money, tone, typed, words } from "./format.js";

/** The card of one invoice. */
export function invoiceCard(row) {
  const key = `invoice ${row.id}`;
  const status = row.deleted ? "deleted" : row.status;
  return el("section", { class: "part", "aria-label": `Invoice ${row.id}` },
    heading("h5", key, money(row.total, row.currency_code), " ", el("code", {}, row.id),
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

const OPEN = ["posted", "payment_due", "not_paid"];
const sum = (notes = []) => notes.reduce((all, note) => all + note.cn_total, 0);

/** What is left to do: to pay, to refund and to credit, in minor units, and whether it can be voided. */
function left(row) {
  const { total = 0, amount_due: due = 0, amount_paid: paid = 0 } = row;
  const open = OPEN.includes(row.status);
  const credited = sum(row.issued_credit_notes);
  const touched = paid || credited || row.amount_adjusted || row.applied_credits?.length;
  return {
    pay: open ? due : 0,
    refund: paid - credited,
    credit: open ? due : row.status === "paid" ? total - credited : 0,
    void: open && !touched,
  };
}

/** Only what the invoice's state lets be done. */
function doings(row) {
  const { id, currency_code: currency } = row;
  const can = left(row);
  const asking = (label, name, most) => most > 0 && asks(`${label} ...`, `${label} invoice ${id}`, [
    { name: "amount", label: `Amount (${currency})`, type: "number", step: "any", min: 0, value: typed(most, currency),
      help: `At most ${money(most, currency)}.` },
  ], (given) => ["invoices", name, { id, amount: minor(given.amount, currency) }]);
  return [
    asking("Pay", "pay", can.pay),
    asking("Refund", "refund", can.refund),
    asking("Credit", "credit", can.credit),
    can.void && asks("Void ...", `Void invoice ${id}`, [{ name: "reason", label: "Reason code", optional: true }],
      (given) => ["invoices", "void", { id, ...given }], { submit: "Void it" }),
    can.pay > 0 && does("Write off", "invoices", "write_off", { id }),
    deletes(`invoice ${id}`, ["invoices", "delete", { id }]),
  ];
}
