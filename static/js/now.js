// What is new while a page is open: asked every few seconds while somebody looks at it. A loud notice (a customer who
// expects a call) comes as a toast at once, and lists that show work ask for themselves again.
import { show } from "./toast.js";

const EVERY = 8000;
const place = document.querySelector("meta[name=now]");
let newest = place?.dataset.newest ?? "";

function badge(unread) {
  for (const mark of document.querySelectorAll("[data-unread]")) {
    mark.textContent = unread > 99 ? "99+" : String(unread);
    mark.hidden = unread === 0;
  }
}

async function tell(since) {
  const answer = await fetch(`${place.dataset.notices}?since=${encodeURIComponent(since)}`, {
    headers: { Accept: "application/json" },
  });
  if (!answer.ok) return;
  for (const line of (await answer.json()).lines) if (line.loud) show(line.text, "", line.url);
  document.body.dispatchEvent(new CustomEvent("trunk:news"));
}

async function ask() {
  if (document.hidden) return;
  try {
    const answer = await fetch(place.content, { headers: { Accept: "application/json" }, credentials: "omit" });
    if (!answer.ok) return;
    const { unread, newest: latest } = await answer.json();
    badge(unread);
    if (latest && latest > newest) await tell(newest);
    newest = latest > newest ? latest : newest;
  } catch {
    // No connection: the next one tells.
  }
}

if (place) {
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
  ask();
}
