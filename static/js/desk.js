// The calling desk by keyboard: steps of the script, Enter to log, how long one talked; and looking for the next lead.
const LOOK_EVERY = 20000;
const desk = () => document.querySelector("[data-desk]");
const chosen = (form) => form.querySelector("[name=outcome]:checked");
const acts = "a, button, summary, select";
let shown = 0;
let dialled = 0;

function begin() {
  const form = desk();
  if (!form || form.dataset.begun) return;
  form.dataset.begun = "1";
  shown = Date.now();
  dialled = 0;
}

function step(steps, by) {
  const tabs = [...steps.querySelectorAll("[name=step]")];
  const at = tabs.findIndex((tab) => tab.checked);
  const next = tabs[Math.max(0, Math.min(tabs.length - 1, at + by))];
  next.checked = true;
  next.dispatchEvent(new Event("change", { bubbles: true }));
}

function log(form) {
  if (chosen(form)) form.requestSubmit(form.querySelector("[data-log]"));
  else form.querySelector("[name=outcome]").focus();
}

// Enter in an answer goes on to the next question; after the last one the keys of the desk work again.
function answered(input) {
  const open = [...desk().querySelectorAll("[data-question]")].filter((other) => other.offsetParent);
  const next = open[open.indexOf(input) + 1];
  if (next) next.focus();
  else input.blur();
}

function enter(event, form) {
  const { target } = event;
  const elsewhere = target !== document.body && target.id !== "main" && !form.contains(target);
  if (elsewhere || target.matches(acts) || (target.matches("textarea") && event.shiftKey)) return;
  event.preventDefault();
  if (event.repeat) return;
  if (target.matches("[data-question]")) answered(target);
  else log(form);
}

document.addEventListener("keydown", (event) => {
  const form = desk();
  // While Chinese is being composed, Enter and space choose characters.
  if (!form || event.isComposing || event.keyCode === 229) return;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const { target, key } = event;
  const steps = form.querySelector("[data-steps]");
  const writing = target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (key === "Enter") enter(event, form);
  else if (key === "Escape" && writing) target.blur();
  else if (steps && !writing && (key === "PageDown" || key === "PageUp" || (key === " " && !target.matches(`${acts}, [type=checkbox]`)))) {
    event.preventDefault();
    step(steps, key === "PageUp" ? -1 : 1);
  }
});

document.addEventListener("click", (event) => {
  const by = event.target.closest("[data-step-by]");
  if (by) step(by.closest("[data-steps]"), Number(by.dataset.stepBy));
  const dial = event.target.closest("[data-dial]");
  if (!dial) return;
  dialled = Date.now();
  const radio = dial.closest("li").querySelector("[type=radio]");
  if (radio) radio.checked = true;
});

document.addEventListener("change", (event) => {
  const { target } = event;
  const form = target.closest("[data-desk]");
  if (!form) return;
  if (target.name === "step") {
    const reached = form.querySelector("[name=reached]");
    reached.value = Math.max(Number(reached.value), Number(target.value));
  } else if (target.name === "back_in") {
    form.querySelector("[name=call_back_at]").value = "";
  } else if (target.name === "call_back_at" && target.value) {
    for (const quick of form.querySelectorAll("[name=back_in]")) quick.checked = false;
  }
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-desk]")) return;
  const seconds = Math.round((Date.now() - (dialled || shown)) / 1000);
  event.target.querySelector("[name=talked]").value = String(Math.max(0, Math.min(86400, seconds)));
}, true);

setInterval(() => {
  const look = document.querySelector("[data-desk-look]");
  if (look && !document.hidden) window.htmx.trigger(look, "desk:look");
}, LOOK_EVERY);

// Which time is missing is one key away; in the field for another time that key would be a figure of a date.
document.addEventListener("htmx:afterSwap", () => setTimeout(() => {
  if (document.activeElement?.name === "call_back_at") desk()?.querySelector("[name=outcome]:checked")?.focus();
}));

document.addEventListener("htmx:afterSettle", begin);
begin();
