// Elements. Text is put in as text: no data ever becomes markup.

/** An element: el("button", { type: "button", onclick: go }, "Go"). False children are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...nodes(children));
  return node;
}

const nodes = (children) => children.flat(Infinity).filter(isShown).map(asNode);

const isShown = (child) => child !== false && child !== null && child !== undefined;

const asNode = (child) => (child instanceof Node ? child : document.createTextNode(String(child)));

export const byId = (id) => document.getElementById(id);

/**
 * Put children in place of those of a node. The focus stays on what has the same data-key; where
 * that is gone, it goes to the heading of the card (data-card).
 */
export function fill(node, ...children) {
  const active = document.activeElement;
  const { key, card } = node.contains(active) ? active.dataset : {};
  node.replaceChildren(...nodes(children));
  if (key) withKey(key, card)?.focus({ preventScroll: true });
}

/** The first that is there of what has these data-keys. */
function withKey(...keys) {
  const all = keys.filter(Boolean).map((key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`));
  return all.find(Boolean);
}

/** Focus the first that is there of what has these data-keys, and bring it into sight. */
export const focusOn = (...keys) => withKey(...keys)?.focus();

/** A heading that can be given the focus: that of the card `key`. */
export const heading = (tag, key, ...children) =>
  el(tag, { tabindex: -1, "data-key": `card ${key}` }, ...children);

/** A function that draws into a node only when what it is given has changed. */
export function drawing(node, draw) {
  let drawn = null;
  return (...given) => {
    const now = JSON.stringify(given);
    if (now === drawn) return;
    drawn = now;
    fill(node, draw(...given));
  };
}

const unfolded = new Set();

/** Children behind a summary; whether it is open outlives a new drawing. */
export function folded(key, summary, ...children) {
  const node = el("details", { open: unfolded.has(key) },
    el("summary", { "data-key": `fold ${key}` }, summary), ...children);
  node.addEventListener("toggle", () => (node.open ? unfolded.add(key) : unfolded.delete(key)));
  return node;
}

export const badge = (text, kind = "") => el("span", { class: `badge ${kind}` }, text);

export const hint = (text) => el("p", { class: "hint" }, text);
