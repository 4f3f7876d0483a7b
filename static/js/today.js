// Today: what is done with a row leaves the eye and the keyboard where they were. The list is drawn again by each answer;
// the row that was in hand gets the focus back, or, if it is done, the one that took its place.
const list = () => document.querySelector("[data-today]");
const rows = () => [...document.querySelectorAll("[data-today] [data-row]")];
let held = null;

function rowOf(element) {
  return element?.closest?.("[data-today] [data-row]") ?? document.querySelector("[data-today] [data-row].is-here");
}

function hold(element) {
  const row = rowOf(element);
  held = row ? { id: row.id, at: rows().indexOf(row) } : null;
}

function take(row) {
  for (const other of rows()) other.classList.toggle("is-here", other === row);
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function giveBack() {
  if (!held || !list()) return;
  const all = rows();
  const row = all.find((other) => other.id === held.id) ?? all[Math.min(held.at, all.length - 1)];
  held = null;
  if (row) take(row);
  else list().querySelector("h1")?.focus();
}

// A post of a row draws the page again; a form that opens in the row does not.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (list() && event.detail.requestConfig.verb === "post") hold(event.detail.elt);
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "main" || event.detail.elt.id === "main") giveBack();
});

// On a phone the buttons of a row come with its three dots.
document.addEventListener("click", (event) => {
  const more = event.target.closest(".t-day__more");
  if (!more) return;
  const row = rowOf(more);
  const open = !row.classList.contains("is-open");
  for (const other of rows()) {
    other.classList.toggle("is-open", open && other === row);
    other.querySelector(".t-day__more")?.setAttribute("aria-expanded", String(open && other === row));
  }
});

// One form at a time: what opens closes the one that was open before.
document.addEventListener("htmx:afterSwap", (event) => {
  const panel = event.detail.target;
  if (!panel.matches?.(".t-day__panel")) return;
  for (const other of document.querySelectorAll(".t-day__panel")) if (other !== panel) other.replaceChildren();
  const row = rowOf(panel);
  for (const other of rows()) other.classList.toggle("is-here", other === row);
});

// A form that comes by a key is filled by keys: its first field has the focus, be it a choice.
document.addEventListener("htmx:afterSettle", (event) => {
  const panel = event.detail.target;
  if (!panel.matches?.(".t-day__panel") || panel.contains(document.activeElement)) return;
  panel.querySelector("input:not([type=hidden]), select, textarea")?.focus({ preventScroll: true });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  const open = document.querySelector(".t-day__panel form");
  if (!open) return;
  const row = rowOf(open);
  open.remove();
  take(row);
});
