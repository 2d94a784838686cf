// The two ways in: GET state and POST call. Every button is exactly one call.

import { byId } from "./dom.js";

const SILENT = "The sandbox does not answer. Is it still running?";
const SLOW = 250; // milliseconds until a call shows that it is under way
const listeners = [];
let underWay = 0;

/** Be told of each call that a button made: listener(call, error or null). */
export const onCall = (listener) => listeners.push(listener);

/** Make the call of a button; its result. Throws an Error with the sandbox's words. */
export async function call(target, method, args = {}) {
  const made = { target, method, args };
  try {
    const result = await read(target, method, args);
    listeners.forEach((tell) => tell(made, null));
    return result;
  } catch (error) {
    listeners.forEach((tell) => tell(made, error));
    throw error;
  }
}

/** A call that only looks, and that nobody is told of. */
export async function read(target, method, args = {}) {
  const body = JSON.stringify({ target, method, args });
  const headers = { "content-type": "application/json" };
  const answer = await busy(fetch("call", { method: "POST", headers, body }));
  const held = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(held.error), { isRefusal: true });
  return held.result;
}

/** All that the page shows besides single records. */
export async function state() {
  const answer = await busy(fetch("state"));
  const held = await answer.json();
  if (!answer.ok) throw new Error(held.error);
  return held;
}

async function busy(promise) {
  const timer = setTimeout(() => show(1), SLOW);
  let shown = false;
  const show = (step) => {
    shown = step > 0;
    underWay += step;
    byId("progress").hidden = underWay === 0;
  };
  try {
    const answer = await promise;
    if (answer.status >= 500) throw new Error(SILENT);
    return answer;
  } catch {
    throw new Error(SILENT);
  } finally {
    clearTimeout(timer);
    if (shown) show(-1);
  }
}
