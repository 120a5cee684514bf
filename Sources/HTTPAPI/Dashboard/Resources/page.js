"use strict";
/* What the pages share. */
const byId = id => document.getElementById(id);

/** A text of the catalogue, with its values filled in. */
const t = (name, values = {}) => texts[name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));

/** An element with attributes and children; a child that is text stays text. */
function make(tag, attributes, ...children) {
  const svg = ["svg", "rect", "path", "line", "title"].includes(tag);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) if (value !== undefined && value !== null) element.setAttribute(name, value);
  element.append(...children.filter(child => child !== null && child !== undefined && child !== ""));
  return element;
}
/** Untrusted text: isolated, so that right-to-left text does not affect its surroundings. */
const bdi = text => make("bdi", {}, text);

/** Redraws a part only if its data changed, so that loaded pictures and a playing video survive; not while it is being pressed. */
const drawn = new Map();
function draw(id, key, parts) {
  const text = JSON.stringify(key), place = byId(id);
  if (drawn.get(id) === text || place.querySelector(":active")) return;
  drawn.set(id, text);
  const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  place.replaceChildren(...parts().filter(Boolean));
  if (focused) [...place.querySelectorAll("[aria-label]")].find(element => element.getAttribute("aria-label") === focused)?.focus();
}

const number = new Intl.NumberFormat(language);
function bytes(count) {
  if (count === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (count >= 999.5 && unit < units.length - 1) { count /= 1000; unit++; }
  return `${unit === 0 || count >= 100 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}
function clock(seconds) {
  seconds = Math.round(seconds);
  const two = value => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
function span(seconds) {
  if (seconds < 59.5) return t("seconds", { count: Math.max(0, Math.round(seconds)) });
  if (seconds < 3570) return t("minutes", { count: Math.round(seconds / 60) });
  if (seconds < 86400) return t("hours", { count: (seconds / 3600).toFixed(1) });
  return t("days", { count: Math.round(seconds / 86400) });
}
const took = seconds => seconds < 10 ? t("seconds", { count: seconds.toFixed(1) }) : span(seconds);
const phase = name => t(`phase${name[0].toUpperCase()}${name.slice(1)}`);

function set(id, text) {
  const element = byId(id);
  element.hidden = !text;
  if (element.textContent !== (text || "")) element.textContent = text || "";
}
function show(text, kind) { byId("state").className = `state ${kind}`; if (byId("state").textContent !== text) byId("state").textContent = text; }
const notice = text => set("notice", text);
function tell(text) {
  set("told", text);
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => set("told", ""), 8000);
}

/** The place of the pages' data, whichever folder the page itself is in. */
const root = new URL(document.body.classList.contains("file") ? ".." : ".", location.href);
const at = path => new URL(path, root).href;

/** Retries or cancels a file; then `after` is called. */
async function act(action, file, after) {
  if (action === "cancel" && !confirm(t("confirmCancel", { name: file.name }))) return;
  try {
    const answer = await fetch(at(`files/${file.fileID}/${action}`), { method: "POST", signal: AbortSignal.timeout(20000) });
    const said = await answer.json();
    if (answer.ok) tell(t("actionDone")); else tell(`${t("actionFailed")} ${said.error}`);
  } catch {
    tell(t("actionFailed"));
  }
  await after();
}
function actButton(action, label, file, after) {
  const button = make("button", { type: "button", class: "act" }, label);
  button.setAttribute("aria-label", `${label}: ${file.name}`);
  button.addEventListener("click", () => act(action, file, after));
  return button;
}

/** A file's number, which copies the command that tells everything about it. */
function idButton(file) {
  const command = `transcoder jobs --id ${file.fileID}`, title = t("copyCommand", { command });
  const button = make("button", { type: "button", class: "id", title, "aria-label": `${file.fileID}: ${title}` }, String(file.fileID));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command);
      tell(t("copied", { command }));
    } catch {
      tell(t("copyByHand", { command }));
    }
  });
  return button;
}
const siteLink = (address, text) => make("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, text);
const pageLinks = pages => (pages || []).map(page => siteLink(page.address, t(page.kind)));
