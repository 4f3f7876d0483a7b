// What others do shows without a reload: places are asked by htmx, a [data-live] part from here, unless
// somebody is in the middle of something there.
const EVERY = 45000;

function busy(part) {
  const row = document.querySelector("[data-row].is-here");
  return document.hidden || row || document.querySelector("dialog[open], #main .t-panel, details[open]") || part.contains(document.activeElement);
}

setInterval(() => {
  const part = document.querySelector("[data-live]");
  if (!part || busy(part)) return;
  window.htmx.ajax("GET", window.location.href, { target: part, select: `#${part.id}`, swap: "outerHTML" });
}, EVERY);
