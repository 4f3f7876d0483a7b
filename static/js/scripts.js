// The editor of scripts: one more question, one less, and the preview that follows what is written.
const PAUSE = 500;
const MOST = 12;
let waiting = 0;

const asks = (element) => element.closest("[data-asks]");

function add(list) {
  const count = list.querySelectorAll("[data-ask]").length;
  if (count >= MOST) return;
  const place = 1 + Math.max(-1, ...[...list.querySelectorAll("[data-ask] input")].map((input) => Number(input.name.split(".")[3])));
  if (place >= MOST) return;
  const more = list.querySelector("[data-ask-more]").content.firstElementChild.cloneNode(true);
  more.innerHTML = more.innerHTML.replaceAll("__place__", String(place));
  list.querySelector("[data-ask-more]").before(more);
  more.querySelector("input").focus();
}

function look() {
  clearTimeout(waiting);
  waiting = setTimeout(() => document.querySelector("[data-preview]")?.click(), PAUSE);
}

function drop(row) {
  // The place stays, empty: what is empty is left out.
  for (const input of row.querySelectorAll("input")) input.value = "";
  row.hidden = true;
  look();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-ask-add]")) add(asks(event.target));
  const gone = event.target.closest("[data-ask-drop]");
  if (gone) drop(gone.closest("[data-ask]"));
});

document.addEventListener("input", (event) => {
  if (event.target.closest(".t-script form")) look();
});

function ready() {
  for (const button of document.querySelectorAll("[data-ask-add]")) button.hidden = false;
  for (const button of document.querySelectorAll("[data-preview]")) button.hidden = true;
}

document.addEventListener("htmx:afterSettle", ready);
ready();
