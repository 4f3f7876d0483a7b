// The keyboard: j k Enter x in lists, Ctrl-K to find, ? for help, and any [data-key] of the page.
import { openById } from "./dialog.js";

const typing = (element) => element.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
const seen = (element) => element.offsetParent && !element.disabled;

function here() {
  return document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row].is-here");
}

function go(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(here());
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
  for (const row of all) row.classList.toggle("is-here", row === next);
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function helpHere() {
  const list = document.querySelector("[data-keys-here]");
  list.replaceChildren();
  const told = new Set();
  for (const element of document.querySelectorAll("#main [data-key], #main [data-row-key]")) {
    // A key of the rows is told once, of the page only while its button shows.
    const name = element.dataset.key ?? element.dataset.rowKey;
    if (told.has(name) || (element.dataset.key && !seen(element))) continue;
    told.add(name);
    const term = document.createElement("dt");
    const key = document.createElement("kbd");
    key.textContent = name;
    term.append(key);
    const said = document.createElement("dd");
    said.textContent = element.dataset.keyLabel ?? element.textContent.trim();
    list.append(term, said);
  }
}

const always = {
  j: () => go(1),
  k: () => go(-1),
  x: () => here()?.querySelector("input[type=checkbox]")?.click(),
  Enter: () => document.activeElement?.matches("[data-row]") && document.activeElement.querySelector("a[data-opens], a.t-name--open")?.click(),
  "/": () => document.querySelector("#main [type=search]")?.focus(),
  n: () => document.querySelector("[data-bell]")?.click(),
  "?": () => { helpHere(); openById("t-keys"); },
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openById("t-palette");
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const own = [...document.querySelectorAll("#main [data-key]")].find((e) => e.dataset.key === event.key && seen(e));
  const ofRow = own ? null : here()?.querySelector(`[data-row-key="${CSS.escape(event.key)}"]`);
  if (ofRow) {
    event.preventDefault();
    ofRow.click();
  } else if (own) {
    event.preventDefault();
    own.click();
    // A choice made by key has the focus, so that Enter sends it.
    own.querySelector("input")?.focus();
  } else if (Object.hasOwn(always, event.key)) {
    if (event.key !== "Enter") event.preventDefault();
    always[event.key]();
  }
});

// The palette: arrows choose, Enter opens.
const field = document.querySelector("[data-palette] input");
const found = document.getElementById("t-found");

function choose(step) {
  const all = [...found.querySelectorAll("a")];
  if (!all.length) return;
  const at = all.findIndex((a) => a.getAttribute("aria-selected") === "true");
  const next = all[(at + step + all.length) % all.length] ?? all[0];
  all.forEach((a, n) => { a.id = `t-found-${n}`; a.setAttribute("aria-selected", String(a === next)); });
  field.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

if (field) {
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? 1 : -1);
    }
  });
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    found.querySelector('[aria-selected="true"]')?.click();
  });
  found.addEventListener("htmx:afterSettle", () => choose(1));
}
