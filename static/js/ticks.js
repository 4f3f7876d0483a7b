// Ticked rows: the bar for them appears with the first, the box in the head ticks all.
function boxes(form) {
  return [...document.querySelectorAll(`input[type=checkbox][form="${form.id}"][data-tick]`)].filter((box) => !box.disabled);
}

function refresh(form) {
  const all = boxes(form);
  const ticked = all.filter((box) => box.checked).length;
  form.hidden = !ticked;
  const said = form.querySelector("[data-ticked]");
  if (said) said.textContent = ticked;
  const head = document.querySelector(`[data-tick-all="${form.id}"]`);
  if (head) {
    head.checked = ticked > 0 && ticked === all.length;
    head.indeterminate = ticked > 0 && ticked < all.length;
  }
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches?.("[data-tick-all]")) {
    const form = document.getElementById(box.dataset.tickAll);
    for (const other of boxes(form)) other.checked = box.checked;
    refresh(form);
  } else if (box.matches?.("[data-tick]") && box.form) {
    refresh(box.form);
  }
});

function all() {
  for (const form of document.querySelectorAll("form[data-bulk]")) refresh(form);
}

document.addEventListener("htmx:afterSettle", all);
all();
