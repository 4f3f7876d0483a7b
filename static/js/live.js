// What others do shows without a reload: places are asked by htmx, a [data-live] part from here, from time to time and
// at once when there is news (now.js), unless somebody is in the middle of something there. [data-live=news] waits for
// news alone.
const EVERY = 45000;
const AGAIN = 2000;
let wanted = false;

function working(part) {
  const busy = document.querySelector("dialog[open], #main .t-panel, #main details[open], #main .is-open, .htmx-request");
  const field = document.activeElement?.matches("input, textarea, select, [contenteditable]");
  return document.hidden || busy || (field && part.contains(document.activeElement)) || part.querySelector("[data-tick]:checked");
}

const rowsOf = (part) => [...(part?.querySelectorAll("[data-row]") ?? [])];
const nameOf = (row) => row.id || row.querySelector("a[data-opens], a.t-name--open")?.getAttribute("href");

/** The row that is chosen by key keeps being it in the new part. */
function keep(part) {
  const row = part.querySelector("[data-row].is-here") ?? document.activeElement?.closest?.("[data-row]");
  return row && part.contains(row) ? nameOf(row) : "";
}

function restore(part, kept, focused) {
  const row = rowsOf(part).find((one) => nameOf(one) === kept);
  if (!row) return;
  row.classList.add("is-here");
  row.tabIndex = -1;
  if (focused) row.focus({ preventScroll: true });
}

async function refresh() {
  const part = document.querySelector("[data-live]");
  if (!part) {
    wanted = false;
  } else if (!working(part)) {
    wanted = false;
    const [id, kept, focused] = [part.id, keep(part), part.contains(document.activeElement)];
    await window.htmx.ajax("GET", window.location.href, { target: part, select: `#${id}`, swap: "outerHTML" });
    if (kept) restore(document.getElementById(id), kept, focused);
  }
}

setInterval(() => {
  const part = document.querySelector("[data-live]");
  if (part && part.dataset.live !== "news") refresh();
}, EVERY);

setInterval(() => { if (wanted) refresh(); }, AGAIN);

document.addEventListener("trunk:news", () => {
  wanted = true;
  refresh();
});
