// What is new while a page is open: asked every few seconds while somebody looks at it, slowly while nobody does. What
// calls at once (a customer who expects a call) comes as a toast, and lists that show work hear of it (trunk:news).
import { call } from "./toast.js";

const LOOKING = 6000;
const AWAY = 30000;
const IDLE = 5 * 60000;
const place = document.querySelector("meta[name=trunk-now]");
const touched = new Set(JSON.parse(sessionStorage.getItem("trunk-touched") ?? "[]"));
let address = place?.content;
let newest = null;
let unread = 0;
let timer = 0;
let moved = Date.now();
let asking = false;
let called = "";

const away = () => document.hidden || Date.now() - moved > IDLE;
const plain = () => document.title.replace(/^\(\d+\+?\) /, "");

function touch(id) {
  touched.add(id);
  sessionStorage.setItem("trunk-touched", JSON.stringify([...touched].slice(-50)));
}

function badge(count) {
  for (const mark of document.querySelectorAll("[data-unread]")) {
    mark.textContent = count > 999 ? "999+" : String(count);
    mark.hidden = count === 0;
  }
}

/** The toasts of what calls now, and a fresh address for a page that is open for long. */
async function news() {
  const answer = await fetch(place.dataset.news, { headers: { Accept: "text/html" }, redirect: "manual" });
  const next = answer.headers.get("X-Trunk-Now");
  if (!answer.ok || !next) return null;
  address = next;
  const part = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...part.querySelectorAll("[data-loud]")].map((toast) => document.importNode(toast, true));
}

async function shout(loud) {
  const wanted = loud.filter((id) => !touched.has(id));
  if (wanted.join() === called) return;
  const toasts = wanted.length ? await news() : [];
  if (!toasts) return;
  called = wanted.join();
  call(toasts.filter((toast) => wanted.includes(toast.dataset.loud)), touch);
}

function tell(found) {
  badge(found.unread);
  // A slow transaction may bring an older id after a newer one: more than before is new, too.
  const isNew = newest !== null && (found.newest > newest || found.unread > unread);
  if (isNew && document.hidden) document.title = `(${found.unread}) ${plain()}`;
  if (isNew) document.body.dispatchEvent(new CustomEvent("trunk:news", { bubbles: true }));
  unread = found.unread;
  newest = newest === null || found.newest > newest ? found.newest : newest;
}

async function ask() {
  if (asking) return;
  asking = true;
  clearTimeout(timer);
  try {
    const answer = await fetch(away() ? `${address}?away=1` : address, { credentials: "omit" });
    if (answer.ok) {
      const found = await answer.json();
      tell(found);
      await shout(found.loud);
    } else if (answer.status === 404 && (await news()) === null) {
      return; // Who has left, or is logged out, is told nothing more.
    }
  } catch {
    // No connection: the next one tells.
  } finally {
    asking = false;
  }
  timer = setTimeout(ask, away() ? AWAY : LOOKING);
}

if (place) {
  for (const kind of ["pointerdown", "pointermove", "keydown", "scroll"]) {
    addEventListener(kind, () => { moved = Date.now(); }, { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    moved = Date.now();
    document.title = plain();
    ask();
  });
  // A form that did its work may have read some.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.verb !== "get") setTimeout(ask, 200);
  });
  ask();
}
