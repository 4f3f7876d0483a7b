// The board: cards are dragged with the pointer, after a long press with the finger, or moved with the keyboard (m, then
// arrows, then Enter). A lane with data-goes leads on to another page; data-asks, a stage that the card asks for, and
// any way back asks first, in the board's dialog.
import Sortable from "../vendor/sortable.esm.js";
import { lanesOf } from "./board_live.js";
import { openById } from "./dialog.js";

const LONG = 260;

async function ask(card, lane, back, id) {
  const dialog = document.getElementById(id);
  const body = dialog.firstElementChild;
  body.replaceChildren();
  card.classList.add("is-moving");
  try {
    await window.htmx.ajax("GET", `${card.dataset.url}/stage/?stage=${lane.dataset.lane}`, { source: card, target: body, swap: "innerHTML" });
  } finally {
    card.classList.remove("is-moving");
  }
  if (!body.childElementCount) return back();
  // Closed without a move: the card goes home.
  delete dialog.dataset.done;
  dialog.addEventListener("close", () => {
    if (dialog.isConnected && dialog.dataset.done === undefined) back();
    delete dialog.dataset.done;
  }, { once: true });
  openById(id);
}

function asks(board, card, lane, from) {
  const all = lanesOf(board);
  const stage = lane.dataset.lane;
  return lane.dataset.asks !== undefined || all.indexOf(lane) < all.indexOf(from) || (card.dataset.asks ?? "").split(" ").includes(stage);
}

function moved(card, lane, from, back) {
  const board = lane.closest("[data-board]");
  if (lane.dataset.goes !== undefined) {
    back();
    window.location.assign(`${card.dataset.url}/contract/`);
    return;
  }
  if (board.dataset.ask && asks(board, card, lane, from)) {
    ask(card, lane, back, board.dataset.ask);
    return;
  }
  card.moveBack = back;
  card.classList.add("is-moving");
  window.htmx.ajax("POST", `${card.dataset.url}/move/`, { source: card, swap: "none", values: { stage: lane.dataset.lane } });
}

/** Where a card stands now, and the way back there; what stood behind it may have gone meanwhile. */
function homeOf(card, lane, next) {
  return () => lane.insertBefore(card, next?.parentElement === lane ? next : lane.querySelector(".t-lane__more"));
}

function equip(board) {
  if (board.dataset.ready) return;
  board.dataset.ready = "yes";
  let home = null;
  for (const lane of lanesOf(board)) {
    Sortable.create(lane, {
      group: board.id || "board",
      animation: 120,
      draggable: "[data-card]:not([data-fixed])",
      ghostClass: "is-ghost",
      // By finger it draws its own copy: only so the board goes on under a card that is held at its edge.
      forceFallback: matchMedia("(pointer: coarse)").matches,
      fallbackOnBody: true,
      delay: LONG,
      delayOnTouchOnly: true,
      touchStartThreshold: 6,
      scrollSensitivity: 60,
      scrollSpeed: 14,
      onStart({ item, from }) {
        home = homeOf(item, from, item.nextElementSibling);
        board.classList.add("is-dragging");
      },
      onEnd({ item, from, to }) {
        board.classList.remove("is-dragging");
        if (from !== to) moved(item, to, from, home);
        else home?.();
      },
    });
  }
}

function hold(card) {
  card.classList.add("is-held");
  const lane = card.closest("[data-lane]");
  const board = card.closest("[data-board]");
  const home = homeOf(card, lane, card.nextElementSibling);
  const drop = () => {
    card.classList.remove("is-held");
    card.removeEventListener("keydown", keys);
  };
  function keys(event) {
    const all = lanesOf(board);
    const at = all.indexOf(card.closest("[data-lane]"));
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined) {
      all[Math.max(0, Math.min(all.length - 1, at + step))].prepend(card);
      card.querySelector("a").focus();
      card.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else if (event.key === "Enter") {
      drop();
      if (all[at] !== lane) moved(card, all[at], lane, home);
    } else if (event.key === "Escape") {
      drop();
      home();
      card.querySelector("a").focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
  card.addEventListener("keydown", keys);
}

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-card]:not([data-fixed])");
  if (event.key === "m" && card && !card.classList.contains("is-held") && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    hold(card);
  }
});

// A long press takes the card; the browser's own menu for links would come in between.
document.addEventListener("contextmenu", (event) => {
  if (event.pointerType === "touch" && event.target.closest?.("[data-board] [data-card]")) event.preventDefault();
});

// A refused move puts the card back where it came from.
document.addEventListener("htmx:afterRequest", (event) => {
  const card = event.detail.elt.closest?.("[data-card]");
  if (!card?.moveBack) return;
  if (event.detail.failed || event.detail.xhr.status >= 400) card.moveBack();
  card.classList.remove("is-moving");
  delete card.moveBack;
});

// A dialog that is filled when it opens starts empty.
document.addEventListener("close", (event) => {
  if (event.target.matches?.("dialog[data-empties]")) event.target.firstElementChild.replaceChildren();
}, true);

const all = () => document.querySelectorAll("[data-board]").forEach(equip);
document.addEventListener("htmx:afterSettle", all);
all();
