// Native dialogs and menus: opened by [data-open="id"], closed by [data-close], Esc or a click beside them.
function open(dialog) {
  for (const other of document.querySelectorAll("dialog[open]")) other.close();
  dialog.showModal();
  dialog.querySelector("[autofocus], input:not([type=hidden]), select, textarea")?.focus();
  window.htmx.process(dialog);
  dialog.querySelector("[hx-trigger*='palette-open']")?.dispatchEvent(new Event("palette-open"));
}

/** Open the dialog with this id. */
export function openById(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) open(dialog);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    event.preventDefault();
    openById(opener.dataset.open);
    return;
  }
  event.target.closest("[data-drop]")?.closest("form")?.remove();
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    // In the bar of what is ticked a choice is made with one click: its answer shows below.
    if (!menu.contains(event.target) || event.target.closest(".t-bulk .t-menu > button")) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// One panel of a record at a time: opening one closes its neighbours.
document.addEventListener("toggle", (event) => {
  const fold = event.target;
  if (!(fold instanceof HTMLDetailsElement) || !fold.open || !fold.dataset.fold) return;
  for (const other of document.querySelectorAll(`details[data-fold="${CSS.escape(fold.dataset.fold)}"][open]`)) {
    if (other !== fold) other.open = false;
  }
  fold.querySelector("input:not([type=hidden]):not([type=radio]), textarea, select")?.focus();
}, true);
