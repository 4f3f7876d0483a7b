// What the server answers to a form: a refusal is shown where the person is looking, beside the field it speaks of.
import { show } from "./toast.js";

const words = document.getElementById("t-words").dataset;

function place(element) {
  const scope = element.closest("form, dialog[open], [data-refuse-here], tr, li");
  return scope?.querySelector("[data-refused]") ?? element.closest("[data-refuse-here]")?.querySelector("[data-refused]");
}

function clear(form) {
  for (const old of form.querySelectorAll(".t-field__error")) old.remove();
  for (const input of form.querySelectorAll('[aria-invalid="true"]')) input.removeAttribute("aria-invalid");
  const spot = form.querySelector("[data-refused]");
  if (spot) spot.textContent = "";
}

function spread(form, refusal) {
  for (const line of refusal.querySelectorAll("li[data-field]")) {
    const name = line.dataset.field;
    const field = name && form.querySelector(`.t-field[data-field="${CSS.escape(name)}"]`);
    const input = name && form.querySelector(`[name="${CSS.escape(name)}"]`);
    if (!field || !input) continue;
    const said = document.createElement("p");
    said.className = "t-field__error";
    said.id = `${input.id || name}_error`;
    said.textContent = line.textContent;
    field.append(said);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", said.id);
    line.remove();
  }
  const rest = refusal.querySelector("ul");
  if (rest && !rest.children.length) rest.remove();
  form.querySelector('[aria-invalid="true"]')?.focus();
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt.closest("form");
  // What only reckons along while one types takes no refusal away.
  if (form && !event.detail.elt.closest("[data-live]")) clear(form);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  // Who asked, not what the answer was meant for: a form's refusal belongs into the form.
  const elt = event.detail.requestConfig?.elt ?? event.detail.elt;
  if (xhr.status >= 500) show(words.broken);
  if (xhr.status < 400 || xhr.status >= 500) return;
  // The row answers for itself.
  if (xhr.getResponseHeader("X-Refused") === "row") return;
  if (!xhr.getResponseHeader("X-Refused")) {
    event.detail.shouldSwap = false;
    show(words.broken);
    return;
  }
  const spot = place(elt);
  if (spot) {
    event.detail.target = spot;
    event.detail.swapOverride = "innerHTML";
    event.detail.selectOverride = undefined;
    return;
  }
  event.detail.shouldSwap = false;
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  show(page.querySelector("[data-refusal]").textContent.trim().replace(/\s+/g, " "));
});

document.addEventListener("htmx:afterSwap", (event) => {
  const refusal = event.detail.target.querySelector?.(":scope > [data-refusal]");
  const form = refusal?.closest("form");
  if (form) spread(form, refusal);
});

// A page that is drawn after a verb brings its main part only; what its head asks for beyond what is here comes along.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status >= 400 || xhr.getResponseHeader("HX-Reselect") !== "#main") return;
  const head = new DOMParser().parseFromString(xhr.responseText, "text/html").head;
  for (const wanted of head.querySelectorAll('link[rel="stylesheet"], script[src]')) {
    const name = wanted.matches("link") ? "href" : "src";
    const address = wanted.getAttribute(name);
    if (document.head.querySelector(`[${name}="${CSS.escape(address)}"]`)) continue;
    const made = document.createElement(wanted.localName);
    for (const { name: key, value } of wanted.attributes) made.setAttribute(key, value);
    document.head.append(made);
  }
});
