// On a phone a row of tabs is pushed sideways: the one that one stands on is in sight.
const all = () => {
  for (const row of document.querySelectorAll(".t-choice--scroll")) {
    const here = row.querySelector("[aria-current]");
    if (here) row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
  }
};

document.addEventListener("htmx:afterSettle", all);
all();
