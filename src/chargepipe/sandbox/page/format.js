// Values as people read them.

const ZERO_DECIMAL = new Set(["JPY", "KRW", "XAF", "XOF"]);
const DAY = 86400;

/** An amount of Chargebee: minor units and currency. */
export function money(minor, currency) {
  if (minor === undefined || minor === null) return "-";
  const digits = ZERO_DECIMAL.has(currency) ? 0 : 2;
  return `${(minor / 10 ** digits).toFixed(digits)} ${currency}`;
}

/** What a person typed ("49.00") in minor units. */
export const minor = (typed, currency) => Math.round(Number(typed) * 10 ** (ZERO_DECIMAL.has(currency) ? 0 : 2));

/** A number that was typed. Throws an Error with words. */
export function number(text, what) {
  const read = Number(text);
  if (String(text).trim() === "" || !Number.isFinite(read)) throw new Error(`${what} has to be a number: "${text}" is none.`);
  return read;
}

/** Numbers with commas between. Throws an Error with words. */
export const numbers = (text, what) => text.split(",").map((each) => number(each, what));

/** Minor units as a person would type them. */
export const typed = (amount, currency) => money(amount, currency).split(" ")[0];

/** Unix seconds as date and time (UTC). */
export function moment(seconds) {
  if (seconds === undefined || seconds === null) return "-";
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
}

/** Unix seconds as a date (UTC). */
export const day = (seconds) => (seconds ? moment(seconds).slice(0, 10) : "-");

/** "non_renewing" as "non renewing". */
export const words = (name) => String(name).replaceAll("_", " ");

/** "first_name" as "First name". */
export function title(name) {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How a customer or a person is called. */
export function called(row) {
  const name = [row.first_name, row.last_name].filter(Boolean).join(" ");
  return row.name || name || row.company || row.email || row.id;
}

/** Seconds in words: "30 days". */
export function span(seconds) {
  for (const [size, unit] of [[DAY, "day"], [3600, "hour"], [60, "minute"], [1, "second"]]) {
    if (seconds >= size) {
      const count = Math.round(seconds / size);
      return `${count} ${unit}${count === 1 ? "" : "s"}`;
    }
  }
  return "no time";
}

/** A count with its noun: "1 call", "2 calls". */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** A status as a colour; the text says the same. */
export function tone(status) {
  if (["active", "paid", "won", "in_trial", "open"].includes(status)) return "good";
  if (["cancelled", "deleted", "lost", "voided", "not_paid"].includes(status)) return "bad";
  return "mild";
}
