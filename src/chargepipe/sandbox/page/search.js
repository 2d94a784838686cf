// A search box of one side.

import { byId, el, fill } from "./dom.js";

/** Put a search form into a place; search(text) is called with what was typed. */
export function searchBox(place, label, example, search) {
  const id = `${place}-text`;
  const wrong = el("p", { role: "alert", class: "wrong" });
  const input = el("input", {
    type: "search", id, "data-key": id, placeholder: example, autocomplete: "off", spellcheck: "false",
  });
  const form = el("form", { role: "search" },
    el("label", { for: id }, label),
    el("div", { class: "joined" }, input, el("button", { type: "submit" }, "Search")),
    wrong);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.setAttribute("aria-busy", "true");
    try {
      await search(input.value.trim());
      wrong.textContent = "";
    } catch (error) {
      wrong.textContent = error.message;
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
  fill(byId(place), form);
}

/** One hit in a list: a button with a name, a line below it and badges. */
export function hit(key, name, below, badges, open) {
  return el("li", {}, el("button", { type: "button", class: "hit", "data-key": key, onclick: open },
    el("span", { class: "hit-name" }, name, badges),
    el("span", { class: "hit-below" }, below)));
}
