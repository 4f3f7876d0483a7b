// Toasts: what was done, with undo where there is one. They wait while a hand or the focus is on them.
const list = document.getElementById("toasts");
const words = document.getElementById("t-words").dataset;
const STAY = 6000;

function leave(toast) {
  if (toast.matches(":hover, :focus-within")) setTimeout(() => leave(toast), 1500);
  else toast.remove();
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
}

for (const toast of list.querySelectorAll("[data-toast]")) dress(toast, toast.dataset.undo);

document.addEventListener("trunk:toast", (event) => {
  for (const toast of event.detail.toasts) show(toast.text, toast.undo);
});
document.addEventListener("htmx:sendError", () => show(words.offline));
