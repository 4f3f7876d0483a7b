// Light, dark or as the system: shown at once, kept by the form's post.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-form] button[name=theme]");
  if (!button) return;
  const root = document.documentElement;
  if (button.value === "auto") root.removeAttribute("data-bs-theme");
  else root.setAttribute("data-bs-theme", button.value);
  for (const other of document.querySelectorAll("[data-theme-form] button[name=theme]")) {
    other.setAttribute("aria-pressed", String(other.value === button.value));
  }
});
