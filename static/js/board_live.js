// The board stays true while somebody looks at it: it asks every few seconds whether anything changed (204 while not),
// and puts only that in its place. Cards are kept as they are, so that scroll, focus and what was loaded on stay; while
// a card is in the hand, or a form is open, it waits.
const EVERY = 8000;
const SOON = 1200;
let asking = false;
let wanted = false;

export const lanesOf = (board) => [...board.querySelectorAll("[data-lane]")];
const cardsOf = (part) => [...part.querySelectorAll("[data-card]")];
const here = () => document.querySelector("#rows [data-board-now]");

function busy() {
  return document.hidden || document.querySelector("dialog[open], [data-board].is-dragging, .t-card.is-held, .t-card.is-moving, #main .htmx-request");
}

/** How many cards of each column are shown: none of them is to go. */
const shown = (board) => lanesOf(board).map((lane) => `${lane.dataset.lane}:${cardsOf(lane).length}`).join(",");

function fresh(card, next, lane) {
  const away = card.closest("[data-lane]") !== lane;
  card.dataset.asks = next.dataset.asks;
  card.toggleAttribute("data-fixed", next.hasAttribute("data-fixed"));
  if (card.innerHTML !== next.innerHTML) {
    card.innerHTML = next.innerHTML;
    window.htmx.process(card);
    flash(card);
  } else if (away) flash(card);
  return card;
}

function flash(card) {
  card.classList.remove("is-news");
  void card.offsetWidth;
  card.classList.add("is-news");
  card.addEventListener("animationend", () => card.classList.remove("is-news"), { once: true });
}

function fill(lane, next, known) {
  const came = [];
  const wantedCards = cardsOf(next).map((card) => {
    const old = known.get(card.dataset.url);
    if (old) return fresh(old, card, lane);
    const made = document.importNode(card, true);
    came.push(made);
    return made;
  });
  let at = lane.firstElementChild;
  for (const card of wantedCards) {
    if (card === at) at = at.nextElementSibling;
    else lane.insertBefore(card, at);
  }
  const keep = new Set(wantedCards);
  for (const card of cardsOf(lane)) if (!keep.has(card)) card.remove();
  lane.querySelector(".t-lane__more")?.remove();
  const more = next.querySelector(".t-lane__more");
  if (more) lane.append(document.importNode(more, true));
  for (const made of [...came, ...lane.querySelectorAll(".t-lane__more")]) window.htmx.process(made);
  for (const made of came) flash(made);
}

/** Put what changed in the board of the answer into the board of the page; false where there is none in one of them. */
export function merge(part) {
  const board = document.querySelector("[data-board]");
  const next = part.querySelector("[data-board]");
  if (!board || !next) return false;
  const focused = board.contains(document.activeElement) ? document.activeElement : null;
  const inCard = focused?.closest("[data-card]");
  for (const now of document.querySelectorAll("#main [data-part]")) {
    const other = part.querySelector(`[data-part="${now.dataset.part}"]`);
    if (!other || now.innerHTML === other.innerHTML || now.querySelector("details[open]")) continue;
    now.innerHTML = other.innerHTML;
    window.htmx.process(now);
  }
  const known = new Map(cardsOf(board).map((card) => [card.dataset.url, card]));
  for (const lane of lanesOf(board)) {
    const other = next.querySelector(`[data-lane="${lane.dataset.lane}"]`);
    if (other) fill(lane, other, known);
  }
  board.dataset.version = next.dataset.version;
  board.dataset.boardNow = next.dataset.boardNow;
  const target = focused?.isConnected ? focused : inCard?.isConnected ? inCard.querySelector("a") : null;
  if (target && document.activeElement !== target) target.focus({ preventScroll: true });
  return true;
}

function say() {
  const place = document.querySelector("[data-board-said]");
  if (!place) return;
  place.textContent = "";
  setTimeout(() => { place.textContent = place.dataset.moved; }, 50);
}

async function look() {
  const part = here();
  if (!part || asking) return;
  if (busy()) {
    wanted = true;
    return;
  }
  asking = true;
  wanted = false;
  try {
    const address = new URL(part.dataset.boardNow, window.location.href);
    address.searchParams.set("known", part.dataset.version);
    const headers = part.matches("[data-board]") ? { "X-Board-Shown": shown(part) } : {};
    const answer = await fetch(address, { headers, redirect: "manual" });
    if (answer.status !== 200) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    // A hand may have taken a card meanwhile, or the page have gone on.
    if (!part.isConnected || busy()) wanted = true;
    else if (merge(found)) say();
    else window.htmx.ajax("GET", window.location.href, { target: "#rows", select: "#rows", swap: "outerHTML" });
  } catch {
    // No connection: the next one tells.
  } finally {
    asking = false;
  }
}

setInterval(look, EVERY);
setInterval(() => { if (wanted) look(); }, SOON);
document.addEventListener("trunk:news", look);
document.addEventListener("visibilitychange", look);

document.addEventListener("htmx:configRequest", (event) => {
  const board = document.querySelector("[data-board]");
  if (board && event.detail.verb !== "get") event.detail.headers["X-Board-Shown"] = shown(board);
});

// What a post did to the board is put in its place, too, instead of drawing the whole page again.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig, target } = event.detail;
  if (requestConfig?.verb !== "post" || target?.id !== "main" || xhr.status !== 200) return;
  if (!document.querySelector("[data-board]") || xhr.getResponseHeader("HX-Push-Url")) return;
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const dialog = document.getElementById("board-ask");
  if (!answer.querySelector("[data-board]")) return;
  event.detail.shouldSwap = false;
  if (dialog?.open) {
    dialog.dataset.done = "";
    dialog.close();
  }
  merge(answer);
  for (const place of answer.querySelectorAll("[hx-swap-oob][id]")) {
    const old = document.getElementById(place.id);
    if (!old) continue;
    const made = document.importNode(place, true);
    made.removeAttribute("hx-swap-oob");
    old.replaceWith(made);
    window.htmx.process(made);
  }
});
