// What the pages do beyond plain HTML. Everything works without it; nothing here decides anything.

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

function localise(root) {
  for (const each of root.querySelectorAll("time[data-moment]")) {
    const when = new Date(each.dateTime);
    each.textContent = dates.format(when);
    each.title = when.toUTCString();
  }
  for (const each of root.querySelectorAll("time[data-day]")) each.textContent = days.format(new Date(each.dateTime));
}

function countDown() {
  for (const each of document.querySelectorAll("time[data-countdown]")) {
    const left = Math.round((new Date(each.dateTime) - Date.now()) / 1000);
    each.textContent = left <= 0 ? "any moment now" : `in ${span(left)}`;
  }
}

function span(seconds) {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

// A menu closes when one presses elsewhere, or Escape.
function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    const outside = event.type === "click" && !menu.contains(event.target);
    if (outside || event.key === "Escape") {
      menu.open = false;
      if (event.key === "Escape") menu.querySelector("summary").focus();
    }
  }
}

// A button that asks first names its question, a choice what follows from it; a yes goes along.
// Without it the page behind asks.
function askFirst(event) {
  const question = event.submitter?.dataset.ask;
  if (!question) return;
  const chosen = [...event.target.querySelectorAll("[data-asked]:checked")].map((each) => each.dataset.asked);
  if (!window.confirm([question, ...chosen].join(" "))) return event.preventDefault();
  const yes = document.createElement("input");
  Object.assign(yes, { type: "hidden", name: "sure", value: "1" });
  event.target.append(yes);
}

// "Choose all" in the head of a table.
function chooseAll(event) {
  const name = event.target.dataset.all;
  if (!name) return;
  const form = event.target.form ?? document;
  for (const box of form.querySelectorAll(`input[name="${name}"]`)) box.checked = event.target.checked;
}

// A form that should not be sent twice shows that it is on its way.
function onItsWay(event) {
  if (event.defaultPrevented || event.target.method !== "post") return;
  event.target.setAttribute("aria-busy", "true");
  setTimeout(() => {
    for (const button of event.target.querySelectorAll("button")) button.disabled = true;
  });
}

// What moves by itself waits while a button is held down: a press would get lost with its button.
let held = false;
const waiting = new Set();

function hold() {
  held = true;
}

function release() {
  held = false;
  setTimeout(() => {
    for (const part of waiting) if (part.isConnected) htmx.trigger(part, "sse:news");
    waiting.clear();
  });
}

function waitWhileHeld(event) {
  if (!held) return;
  event.detail.shouldSwap = false;
  waiting.add(event.detail.requestConfig.elt);
}

async function copy(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
  button.textContent = "Copied";
}

localise(document);
countDown();
setInterval(countDown, 1000);
document.addEventListener("click", closeMenus);
document.addEventListener("click", copy);
document.addEventListener("keydown", closeMenus);
document.addEventListener("submit", askFirst);
document.addEventListener("submit", onItsWay);
document.addEventListener("change", chooseAll);
document.addEventListener("pointerdown", hold);
document.addEventListener("pointerup", release);
document.addEventListener("pointercancel", release);
document.addEventListener("htmx:beforeSwap", waitWhileHeld);
document.addEventListener("htmx:afterSwap", (event) => {
  localise(event.detail.elt.parentElement ?? document);
  countDown();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("form[aria-busy] button")) button.disabled = false;
});
