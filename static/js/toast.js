// Toasts: what was done, with undo where there is one. They wait while a hand or the focus is on them, and never more
// than two are shown: those that call at once stay until they are touched, the others make room for a newer one.
const list = document.getElementById("toasts");
const words = document.getElementById("t-words").dataset;
const STAY = 6000;
const MOST = 2;
let calling = [];

function leave(toast) {
  if (toast.matches(":hover, :focus-within")) setTimeout(() => leave(toast), 1500);
  else toast.remove();
}

function room() {
  const all = [...list.children];
  const plain = all.filter((toast) => !toast.dataset.loud);
  while (list.children.length > MOST && plain.length > 1) plain.shift().remove();
  while (list.children.length > MOST) [...list.querySelectorAll("[data-loud]")].pop().remove();
}

function dress(toast, undo) {
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words.undo;
    button.addEventListener("click", () => {
      toast.remove();
      window.htmx.ajax("POST", undo, { target: "#main", select: "#main", swap: "outerHTML" });
    });
    toast.append(button);
  } else {
    toast.classList.add("is-plain");
    toast.addEventListener("click", () => toast.remove());
  }
  setTimeout(() => leave(toast), STAY);
}

/** Show a sentence; `undo` is the address that takes it back. */
export function show(text, undo = "") {
  const toast = document.createElement("li");
  toast.className = "t-toast";
  const said = document.createElement("span");
  said.textContent = text;
  toast.append(said);
  list.append(toast);
  dress(toast, undo);
  room();
}

function draw() {
  const wanted = calling.slice(0, MOST);
  for (const old of list.querySelectorAll("[data-loud]")) if (!wanted.includes(old)) old.remove();
  // The newest call is the lowest, nearest to the thumb; what was merely done stands above.
  for (const toast of [...wanted].reverse()) if (!toast.isConnected) list.append(toast);
  room();
}

/** Show those that call at once, the newest first, instead of what called before; `touched` hears of each that was. */
export function call(toasts, touched) {
  const shown = new Map(calling.map((toast) => [toast.dataset.loud, toast]));
  calling = toasts.map((toast) => shown.get(toast.dataset.loud) ?? toast);
  for (const toast of toasts) {
    if (!calling.includes(toast)) continue;
    toast.addEventListener("click", (event) => {
      if (!event.target.closest("[data-touch]")) return;
      touched(toast.dataset.loud);
      calling = calling.filter((other) => other !== toast);
      toast.remove();
      draw();
    });
  }
  draw();
}

for (const toast of list.querySelectorAll("[data-toast]")) dress(toast, toast.dataset.undo);

document.addEventListener("trunk:toast", (event) => {
  for (const toast of event.detail.toasts) show(toast.text, toast.undo);
});
document.addEventListener("htmx:sendError", (event) => {
  // What a page asks by itself every few seconds may fail in silence.
  if (event.detail.requestConfig?.triggeringEvent?.type !== "trunk:news") show(words.offline);
});
