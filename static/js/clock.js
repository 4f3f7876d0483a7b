// The clock runs in the browser from the server's time: a wrong clock of the computer does not matter.
const DAY = 86400;
const words = JSON.parse(document.getElementById("t-clock-words").textContent);
const told = Date.parse(document.querySelector('meta[name="server-time"]').content);
const started = performance.now();

/** The server's time now, in milliseconds. */
export function serverNow() {
  return told + (performance.now() - started);
}

function fill(pattern, values) {
  return pattern.replace(/%\((\w)\)s/g, (_, name) => values[name]);
}

/** Time left in words, as core/web/words.py says it. */
export function left(seconds) {
  const rest = Math.floor(seconds);
  if (rest <= 0) return words.over;
  if (rest >= DAY) return fill(words.days, { d: Math.floor(rest / DAY), h: Math.floor((rest % DAY) / 3600) });
  if (rest >= 3600) return fill(words.hours, { h: Math.floor(rest / 3600), m: Math.floor((rest % 3600) / 60) });
  return rest >= 60 ? fill(words.minutes, { m: Math.floor(rest / 60) }) : words.last;
}

function level(seconds) {
  if (seconds <= 0) return "over";
  if (seconds <= DAY) return "last";
  if (seconds <= 2 * DAY) return "near";
  return seconds <= 3 * DAY ? "soon" : "far";
}

function draw(chip, now) {
  const due = Date.parse(chip.dataset.due);
  const rest = (due - now) / 1000;
  const text = chip.querySelector("[data-clock-text]");
  const said = left(rest);
  if (text.textContent !== said) text.textContent = said;
  const tone = level(rest);
  if (chip.dataset.level !== tone) chip.dataset.level = tone;
  const whole = (due - Date.parse(chip.dataset.start)) / 1000;
  const share = whole > 0 ? Math.max(0, Math.min(1, rest / whole)) * 100 : 0;
  chip.querySelector("[data-clock-left]").setAttribute("width", share.toFixed(2));
}

function tick() {
  const now = serverNow();
  for (const chip of document.querySelectorAll("[data-clock]")) draw(chip, now);
}

setInterval(tick, 5000);
document.addEventListener("visibilitychange", () => document.hidden || tick());
