// What the form of settings does beyond plain HTML. Everything works without it.

const TAKES = { yes_no: "option" };
const PIPELINE = /^settings-(\w+)-pipeline$/;

// An option that is out of the question is hidden; some browsers only know it disabled.
function offer(option, fits) {
  option.hidden = option.disabled = !fits;
}

// Stages are those of the chosen pipeline; the same stage there, else the first one.
function narrowStages(pipeline) {
  const kind = PIPELINE.exec(pipeline.id)?.[1];
  if (!kind || pipeline.tagName !== "SELECT") return;
  for (const stage of document.querySelectorAll(`select[id^="settings-${kind}-status-"][id$="-stage"]`)) {
    const groups = [...stage.querySelectorAll("optgroup")];
    const own = groups.find((each) => (pipeline.value ? each.dataset.of === pipeline.value : "first" in each.dataset));
    if (!own) continue;
    for (const each of groups) offer(each, each === own);
    const chosen = stage.selectedOptions[0];
    if (chosen?.parentElement.tagName !== "OPTGROUP" || chosen.parentElement === own) continue;
    const same = [...own.children].find((each) => each.label === chosen.label);
    (same ?? stage.options[0]).selected = true;
  }
}

// The field mapper says what an attribute makes, and offers the fields that can take it.
function narrowTargets(row) {
  const [from, to, type] = ["from", "to", "type"].map((name) => row.querySelector(`[name="additional.${name}"]`));
  const known = [...document.querySelectorAll("#attributes option")].find((each) => each.value === from.value);
  const made = known?.dataset.made;
  type.options[0].textContent = made ? `by the attribute (${made.replace("_", " ")})` : "by the attribute";
  if (to.tagName !== "SELECT") return;
  const kind = type.value || made;
  for (const each of to.querySelectorAll("option[data-holds]")) {
    offer(each, !kind || each.selected || each.dataset.holds === (TAKES[kind] ?? kind));
  }
}

function narrow(root) {
  for (const each of root.querySelectorAll('[id$="-pipeline"]')) narrowStages(each);
  for (const each of root.querySelectorAll(".addition")) narrowTargets(each);
}

function changed(event) {
  narrowStages(event.target);
  const row = event.target.closest(".addition");
  if (row) narrowTargets(row);
}

// What one jumps to is unfolded.
function unfold() {
  const place = location.hash && document.getElementById(location.hash.slice(1));
  const folded = place && place.closest("details:not([open])");
  if (folded) {
    folded.open = true;
    place.scrollIntoView();
  }
}

// What a press brings is shown where it is, however far down the page.
function show(event) {
  const place = event.detail.requestConfig?.elt.dataset.show;
  if (!place) return;
  const shown = document.querySelector(place);
  shown.focus({ preventScroll: true });
  shown.closest("section").scrollIntoView({ block: "nearest" });
}

// In the preview the lines that a change has moved are marked, and the first of them is in sight.
let before = new Map();

function lines(place) {
  const found = new Map();
  place.querySelectorAll(".example").forEach((example, number) => {
    for (const value of example.querySelectorAll("dd")) {
      const part = value.closest("dl").previousElementSibling?.textContent;
      found.set([number, part, value.previousElementSibling.textContent].join(), value);
    }
  });
  return found;
}

function markMoved(place) {
  const after = lines(place);
  const moved = [...after].filter(([key, value]) => before.size && before.get(key) !== value.textContent);
  for (const [, value] of moved) value.classList.add("moved");
  before = new Map([...after].map(([key, value]) => [key, value.textContent]));
  const panel = place.closest(".tried");
  if (moved.length && panel.scrollHeight > panel.clientHeight) {
    const [outer, inner] = [panel.getBoundingClientRect(), moved[0][1].getBoundingClientRect()];
    panel.scrollTop += inner.top - outer.top - outer.height / 3;
  }
}

narrow(document);
unfold();
window.addEventListener("hashchange", unfold);
document.addEventListener("change", changed);
document.addEventListener("htmx:afterSettle", show);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "examples") markMoved(event.detail.target);
});
document.addEventListener("htmx:oobAfterSwap", () => narrow(document));
