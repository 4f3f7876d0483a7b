// The board: cards are dragged with the pointer or moved with the keyboard (m, then arrows, then Enter).
// A lane with data-goes leads on to another page; data-asks, and any way back, asks first, in the board's dialog.
import Sortable from "../vendor/sortable.esm.js";
import { openById } from "./dialog.js";

const lanes = (board) => [...board.querySelectorAll("[data-lane]")];

async function ask(card, lane, back, id) {
  const dialog = document.getElementById(id);
  const body = dialog.firstElementChild;
  body.replaceChildren();
  await window.htmx.ajax("GET", `${card.dataset.askUrl}?stage=${lane.dataset.lane}`, { source: card, target: body, swap: "innerHTML" });
  if (!body.childElementCount) return back();
  // Closed without a move (a move draws the whole board again): the card goes home.
  dialog.addEventListener("close", () => { if (dialog.isConnected) back(); }, { once: true });
  openById(id);
}

function moved(card, lane, from, back) {
  const board = lane.closest("[data-board]");
  const all = lanes(board);
  if (lane.dataset.goes !== undefined) {
    back();
    window.location.assign(card.dataset.wonUrl);
    return;
  }
  if (board.dataset.ask && (lane.dataset.asks !== undefined || all.indexOf(lane) < all.indexOf(from))) {
    ask(card, lane, back, board.dataset.ask);
    return;
  }
  const form = card.querySelector("form[data-move]");
  form.elements.stage.value = lane.dataset.lane;
  card.moveBack = back;
  window.htmx.trigger(form, "submit");
}

function equip(board) {
  if (board.dataset.ready) return;
  board.dataset.ready = "yes";
  for (const lane of lanes(board)) {
    Sortable.create(lane, {
      group: board.id || "board",
      animation: 120,
      draggable: "[data-card]",
      ghostClass: "is-ghost",
      delay: 150,
      delayOnTouchOnly: true,
      onEnd({ item, from, to, oldIndex }) {
        if (from !== to) moved(item, to, from, () => from.insertBefore(item, from.children[oldIndex] ?? null));
      },
    });
  }
}

function hold(card) {
  card.classList.add("is-held");
  const start = { lane: card.closest("[data-lane]"), next: card.nextElementSibling };
  const board = card.closest("[data-board]");
  const home = () => start.lane.insertBefore(card, start.next);
  const drop = () => {
    card.classList.remove("is-held");
    card.removeEventListener("keydown", keys);
  };
  function keys(event) {
    const all = lanes(board);
    const at = all.indexOf(card.closest("[data-lane]"));
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined) {
      all[Math.max(0, Math.min(all.length - 1, at + step))].prepend(card);
      card.querySelector("a").focus();
    } else if (event.key === "Enter") {
      drop();
      if (all[at] !== start.lane) moved(card, all[at], start.lane, home);
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
  const card = event.target.closest?.("[data-card]");
  if (event.key === "m" && card && !card.classList.contains("is-held") && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    hold(card);
  }
});

// A refused move puts the card back where it came from.
document.addEventListener("htmx:afterRequest", (event) => {
  const card = event.detail.elt.closest?.("[data-card]");
  if (!card?.moveBack || !event.detail.elt.matches("form")) return;
  if (event.detail.failed || event.detail.xhr.status >= 400) card.moveBack();
  delete card.moveBack;
});

// A dialog that is filled when it opens starts empty.
document.addEventListener("close", (event) => {
  if (event.target.matches?.("dialog[data-empties]")) event.target.firstElementChild.replaceChildren();
}, true);

const all = () => document.querySelectorAll("[data-board]").forEach(equip);
document.addEventListener("htmx:afterSettle", all);
all();
