// Lines of products: one more from the form's own template, one less, and what they come to while one types.
const number = (line, name) => parseFloat(line.querySelector(`[name$="-${name}"]`)?.value);
const shown = (sum) => sum.toLocaleString(document.documentElement.lang || "en", { minimumFractionDigits: 0, maximumFractionDigits: 2 });

/** How many months or years it runs while nobody says: those of the term, of a year without one. */
function usual(line, form) {
  const basis = line.querySelector('[name$="-basis"]')?.value;
  const months = parseInt(form?.elements.term_months?.value, 10) > 0 ? parseInt(form.elements.term_months.value, 10) : 12;
  return { user_month: months, user_year: Math.ceil(months / 12) }[basis] ?? 1;
}

function reckon(lines) {
  const form = lines.closest("form");
  const total = form?.querySelector("[data-lines-total]");
  let all = 0;
  let known = false;
  for (const line of lines.querySelectorAll("[data-line]")) {
    const out = line.querySelector("[data-line-sum]");
    if (!out) continue;
    const price = number(line, "unit_price");
    const taken = line.querySelector('[name$="-product"]').value && !Number.isNaN(price);
    const quantity = number(line, "quantity");
    // What is bought by the month or the year costs as often as it runs.
    const once = line.querySelector('[name$="-basis"]')?.value === "once";
    const times = once ? 1 : number(line, "periods") || usual(line, form);
    const sum = taken ? Math.round((Number.isNaN(quantity) ? 1 : quantity) * times * price * (100 - (number(line, "discount") || 0))) / 100 : 0;
    out.textContent = taken ? shown(sum) : "";
    all += sum;
    known ||= Boolean(taken);
  }
  if (total) total.textContent = known ? shown(all) : "";
}

function add(lines) {
  const count = lines.querySelector('[name$="-TOTAL_FORMS"]');
  const most = Number(lines.querySelector('[name$="-MAX_NUM_FORMS"]').value);
  if (Number(count.value) >= most) return;
  const more = lines.querySelector("[data-lines-more]").content.firstElementChild.cloneNode(true);
  more.innerHTML = more.innerHTML.replaceAll("__prefix__", count.value);
  count.value = Number(count.value) + 1;
  lines.querySelector("[data-lines-rows]").append(more);
  ready(more);
  more.querySelector("select")?.focus();
}

function drop(line) {
  const lines = line.closest("[data-lines]");
  // The place in the form stays, empty: a line without a product is left out.
  const product = line.querySelector('[name$="-product"]');
  product.value = "";
  line.hidden = true;
  // Whoever reckons the lines, here or on the server, hears of it as of any change.
  product.dispatchEvent(new Event("input", { bubbles: true }));
}

const ready = (scope) => scope.querySelectorAll("[data-line-drop], [data-lines-add]").forEach((button) => { button.hidden = false; });

document.addEventListener("click", (event) => {
  const adds = event.target.closest("[data-lines-add]");
  if (adds) add(adds.closest("[data-lines]"));
  const drops = event.target.closest("[data-line-drop]");
  if (drops) drop(drops.closest("[data-line]"));
});

document.addEventListener("input", (event) => {
  const lines = event.target.closest?.("[data-lines]") ?? (event.target.name === "term_months" && event.target.form?.querySelector("[data-lines]"));
  if (lines) reckon(lines);
  event.target.closest?.(".t-rule__form")?.classList.add("is-changed");
});

function all() {
  for (const lines of document.querySelectorAll("[data-lines]")) {
    ready(lines);
    reckon(lines);
  }
}

document.addEventListener("htmx:afterSettle", all);
all();
