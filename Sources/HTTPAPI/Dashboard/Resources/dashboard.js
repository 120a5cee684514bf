"use strict";
const byId = id => document.getElementById(id);

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

const number = new Intl.NumberFormat("en");
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
  if (seconds < 59.5) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 3570) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86400) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.round(seconds / 86400)} days`;
}
const took = seconds => seconds < 10 ? `${seconds.toFixed(1)} s` : span(seconds);
const hour = date => `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
const sum = list => list.reduce((total, value) => total + value, 0);

/** Redraws a part only if its data changed, so that focus and loaded pictures survive. */
const drawn = new Map();
function draw(id, key, parts) {
  const text = JSON.stringify(key);
  if (drawn.get(id) === text) return;
  drawn.set(id, text);
  byId(id).replaceChildren(...parts());
}
const empty = text => [make("li", { class: "empty" }, text)];

function tile(title, value, more, isBad) {
  return make("div", {}, make("dt", {}, title), make("dd", {}, make("div", { class: `number${isBad ? " bad" : ""}` }, value), make("div", { class: "more" }, more || "\u00a0")));
}
function tiles(data, now) {
  const { status, lookups, workers } = data, { counts } = status;
  const hours = lookups && lookups.hours, done = hours ? sum(hours.done) : 0, failed = hours ? sum(hours.failed) : 0;
  const waits = status.waiting_since ? `oldest: ${span((now - Date.parse(status.waiting_since)) / 1000)}` : "";
  const speed = sum(status.running.filter(job => job.phase === "transcoding").map(job => job.speed || 0));
  const parts = [
    ["Waiting", number.format(counts.waiting), [waits, counts.retrying ? `${counts.retrying} retrying` : ""].filter(Boolean).join(" · ")],
    ["Running", `${status.running.length} of ${workers}`, speed ? `${speed.toFixed(1)}× real time` : counts.running > status.running.length ? `${counts.running} on all workers` : ""],
    ["Done in 24 hours", hours ? number.format(done) : "–", done ? `${number.format(counts.done)} since startup` : ""],
    ["Failed in 24 hours", hours ? number.format(failed) : "–", failed && done ? `${(100 * failed / (failed + done)).toFixed(1)} % of all` : "", failed > 0],
    ["Free disk space", status.disk ? bytes(status.disk.free) : "–", status.disk && status.disk.required ? `${bytes(status.disk.required)} reserved for jobs` : ""],
  ];
  draw("tiles", parts, () => parts.map(part => tile(...part)));
}

function state(data) {
  const { status } = data;
  const words = { starting: ["starting", "odd"], running: ["running", "good"], draining: ["stopping", "odd"], stopped: ["stopped", "bad"] };
  show(...(status.database.reachable ? words[status.state] : ["database unreachable", "bad"]));
  notice(status.database.reachable ? status.waiting_for : "The site's database is unreachable. The data shown may be out of date.");
}
function show(text, kind) { byId("state").className = `state ${kind}`; if (byId("state").textContent !== text) byId("state").textContent = text; }
function notice(text) { byId("notice").hidden = !text; if (byId("notice").textContent !== (text || "")) byId("notice").textContent = text || ""; }

function running(jobs) {
  draw("running", jobs, () => jobs.length === 0 ? empty("No running jobs.") : jobs.map(job => {
    const facts = [job.speed ? `${job.speed.toFixed(1)}×` : "", job.seconds_left !== undefined ? `${clock(job.seconds_left)} left` : ""].filter(Boolean).join(" · ");
    const bar = make("progress", { max: 100, "aria-label": `Progress of ${job.name}` });
    if (job.percent !== undefined) bar.value = job.percent;
    return make("li", {},
      make("div", { class: "line" },
        make("span", { class: "name" }, bdi(job.name)),
        make("span", { class: "badge" }, job.phase),
        job.attempt > 1 ? make("span", { class: "badge wait" }, `attempt ${job.attempt}`) : null,
        make("span", { class: "soft" }, facts),
        make("span", { class: "percent" }, job.percent === undefined ? "" : `${job.percent.toFixed(0)} %`)),
      bar);
  }));
}

function queue(data) {
  const waiting = data.lookups ? data.lookups.waiting : [], retrying = data.status.retrying || [], now = Date.parse(data.now);
  const rest = data.status.counts.waiting - waiting.length;
  draw("queue", [waiting, retrying, rest, Math.floor(now / 5000)], () => {
    const items = waiting.map(file => make("li", {}, make("div", { class: "line" },
      make("span", { class: "name" }, bdi(file.name)),
      make("span", { class: "soft" }, [file.duration ? clock(file.duration) : "", file.size !== undefined ? bytes(file.size) : "", `waiting ${span(file.waited)}`].filter(Boolean).join(" · ")))));
    if (rest > 0) items.push(make("li", { class: "empty" }, `and ${number.format(rest)}${data.status.counts.waiting >= 10000 ? " or" : ""} more`));
    for (const file of retrying) items.push(make("li", {},
      make("div", { class: "line" },
        make("span", { class: "name" }, bdi(file.name)),
        make("span", { class: "badge wait" }, file.code),
        make("span", { class: "soft" }, `attempt ${file.attempts + 1} ${Date.parse(file.next_at) > now ? `in ${span((Date.parse(file.next_at) - now) / 1000)}` : "now"}`)),
      make("p", { class: "reason soft" }, file.reason)));
    return items.length ? items : empty("The queue is empty.");
  });
}

function hours(hours) {
  const busiest = Math.max(...hours.done.map((done, index) => done + hours.failed[index])), most = Math.max(4, busiest + busiest % 2);
  for (const [id, value] of [["hours-most", most], ["hours-half", most / 2]]) draw(id, value, () => [number.format(value)]);
  draw("hours", hours, () => {
    // The left margin holds the scale.
    const left = 40, count = hours.done.length, width = (960 - left) / count;
    const start = Date.parse(hours.start), parts = [0, 0.5, 1].map(share => make("line", { class: "ruler", x1: 0, x2: 960, y1: 199.5 - 199 * share, y2: 199.5 - 199 * share }));
    for (let index = 0; index < count; index++) {
      const at = new Date(start + index * hours.spanSeconds * 1000);
      let bottom = 200;
      for (const kind of ["failed", "done"]) {
        const value = hours[kind][index];
        if (!value) continue;
        const height = Math.max(3, value / most * 199);
        bottom -= height;
        parts.push(make("rect", { class: kind, x: left + index * width + .8, width: width - 1.6, y: Math.max(0, bottom), height, rx: 1.5 }, make("title", {}, `${hour(at)}: ${value} ${kind}`)));
      }
    }
    return parts;
  });
  const start = new Date(hours.start), done = sum(hours.done), failed = sum(hours.failed), perHour = 3600 / hours.spanSeconds;
  const text = `${number.format(done)} done and ${number.format(failed)} failed; ${busiest} in the busiest 15 minutes`;
  if (byId("hours-sum").textContent !== text) byId("hours-sum").textContent = text;
  draw("hours-axis", hours.start, () => [0, 6, 12, 18].map(step => make("span", {}, hour(new Date(start.getTime() + step * 3600000)))).concat(make("span", {}, "now")));
  draw("hours-table", hours, () => Array.from({ length: hours.done.length / perHour }, (_, index) => {
    const part = list => sum(list.slice(index * perHour, (index + 1) * perHour));
    return make("tr", {}, make("th", { scope: "row" }, hour(new Date(start.getTime() + index * 3600000))), make("td", {}, number.format(part(hours.done))), make("td", {}, number.format(part(hours.failed))));
  }).reverse());
}

const signs = {
  film: "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zm6 4v6l5-3z",
  sound: "M5 10h2v4H5zm4-3h2v10H9zm4 2h2v6h-2zm4-4h2v14h-2z",
  failed: "M12 3 1.8 20.5h20.4zM11 10h2v5h-2zm0 6.5h2v2h-2z",
};
const sign = name => make("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, make("path", { "fill-rule": "evenodd", d: signs[name] }));

let filter = "all";
function recent(data) {
  const all = data.lookups ? data.lookups.finished : [], now = Date.parse(data.now);
  const files = all.filter(file => filter === "all" || file.isDone === (filter === "done"));
  draw("recent", [files, filter], () => files.length === 0 ? empty(all.length ? "No recent files match the filter." : "No finished files yet.") : files.map(file => {
    const picture = make("div", { class: "picture" }, sign(file.isDone ? (file.isSound ? "sound" : "film") : "failed"));
    if (file.hasPoster) picture.append(make("img", { src: `posters/${file.fileID}`, alt: "", loading: "lazy" }));
    if (file.isDone && file.duration) picture.append(make("span", { class: "length" }, clock(file.duration)));
    const change = file.before && file.after !== undefined ? Math.round(100 * (file.after - file.before) / file.before) : undefined;
    const sizes = file.isDone ? (file.before !== undefined ? `${bytes(file.before)} → ${bytes(file.after)}` : bytes(file.after)) : bytes(file.before);
    return make("li", { class: file.isDone ? "done" : "failed" }, picture, make("div", { class: "text" },
      make("span", { class: "name", title: file.name }, bdi(file.name)),
      file.reason ? make("p", { class: "reason" }, file.reason) : null,
      make("div", { class: "soft" }, sizes + (change === undefined ? "" : ` (${change > 0 ? "+" : change < 0 ? "−" : "±"}${Math.abs(change)} %)`)),
      make("div", { class: "foot" },
        make("span", { class: `badge ${file.isDone ? "done" : "failed"}` }, file.isDone ? "done" : file.code || "failed"),
        make("span", { class: "soft", "data-at": file.at, "data-took": file.isDone && file.seconds !== undefined ? ` · took ${took(file.seconds)}` : "" }))));
  }));
  for (const element of document.querySelectorAll("[data-at]")) {
    const text = `${span((now - Date.parse(element.dataset.at)) / 1000)} ago${element.dataset.took}`;
    if (element.textContent !== text) element.textContent = text;
  }
}

let last;
function render(data) {
  last = data;
  const { status } = data;
  byId("site").textContent = `${data.site} on ${status.host}`;
  byId("about").textContent = `transcoder ${status.version}, process ${status.pid}, up for ${span((Date.parse(data.now) - Date.parse(status.started_at)) / 1000)}; sandbox: ${status.sandbox ? status.sandbox.layers.join(", ") || "none" : "none"}.`;
  document.title = `${status.running.length ? `${status.running.length} running` : "idle"} – transcoder`;
  state(data);
  tiles(data, Date.parse(data.now));
  running(status.running);
  queue(data);
  if (data.lookups) hours(data.lookups.hours);
  recent(data);
}

async function look() {
  try {
    const answer = await fetch("dashboard.json", { signal: AbortSignal.timeout(10000) });
    if (!answer.ok) throw new Error();
    render(await answer.json());
  } catch {
    show("no answer", "bad");
    notice("The daemon does not respond; retrying every few seconds. The data shown may be out of date.");
  }
}
async function watch() {
  // No requests while the page is hidden.
  if (!document.hidden) await look();
  setTimeout(watch, 2000);
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
byId("filter").addEventListener("click", event => {
  const button = event.target.closest("button");
  if (!button) return;
  filter = button.dataset.show;
  for (const other of byId("filter").children) other.setAttribute("aria-pressed", String(other === button));
  if (last) recent(last);
});
watch();
