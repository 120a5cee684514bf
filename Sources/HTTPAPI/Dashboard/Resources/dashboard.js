"use strict";
const hour = date => `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
const sum = list => list.reduce((total, value) => total + value, 0);

const empty = text => [make("li", { class: "empty" }, text)];

function tile(title, value, more, isBad) {
  return make("div", {}, make("dt", {}, title), make("dd", {}, make("div", { class: `number${isBad ? " bad" : ""}` }, value), make("div", { class: "more" }, more || "\u00a0")));
}
function tiles(data, now) {
  const { status, lookups, workers } = data, { counts } = status;
  const hours = lookups && lookups.hours, done = hours ? sum(hours.done) : 0, failed = hours ? sum(hours.failed) : 0;
  const waits = status.waiting_since ? t("oldest", { span: span((now - Date.parse(status.waiting_since)) / 1000) }) : "";
  const speed = sum(status.running.filter(job => job.phase === "transcoding").map(job => job.speed || 0));
  const parts = [
    [t("waiting"), number.format(counts.waiting), [waits, counts.retrying ? t("countRetrying", { count: counts.retrying }) : ""].filter(Boolean).join(" · ")],
    [t("running"), t("runningOf", { running: status.running.length, workers }), speed ? t("realTime", { speed: speed.toFixed(1) }) : counts.running > status.running.length ? t("onAllWorkers", { count: counts.running }) : ""],
    [t("doneInDay"), hours ? number.format(done) : "–", done ? t("sinceStartup", { count: number.format(counts.done) }) : ""],
    [t("failedInDay"), hours ? number.format(failed) : "–", failed && done ? t("ofAll", { percent: (100 * failed / (failed + done)).toFixed(1) }) : "", failed > 0],
    [t("freeSpace"), status.disk ? bytes(status.disk.free) : "–", status.disk && status.disk.required ? t("reserved", { size: bytes(status.disk.required) }) : ""],
  ];
  draw("tiles", parts, () => parts.map(part => tile(...part)));
}

function state(data) {
  const { status } = data;
  const words = { starting: ["stateStarting", "odd"], running: ["stateRunning", "good"], draining: ["stateStopping", "odd"], stopped: ["stateStopped", "bad"] };
  const [word, kind] = status.database.reachable ? words[status.state] : ["databaseUnreachable", "bad"];
  show(t(word), kind);
  notice(status.database.reachable ? status.waiting_for : t("databaseNotice"));
}
function running(data) {
  const jobs = data.status.running;
  draw("running", [jobs, data.acts], () => jobs.length === 0 ? empty(t("nothingRuns")) : jobs.map(job => {
    const facts = [job.speed ? `${job.speed.toFixed(1)}×` : "", job.seconds_left !== undefined ? t("timeLeft", { time: clock(job.seconds_left) }) : ""].filter(Boolean).join(" · ");
    const bar = make("progress", { max: 100, "aria-label": t("progressOf", { name: job.name }) });
    if (job.percent !== undefined) bar.value = job.percent;
    return make("li", {},
      make("div", { class: "line" },
        nameLink({ fileID: job.file_id, name: job.name }),
        make("span", { class: "badge" }, phase(job.phase)),
        job.attempt > 1 ? make("span", { class: "badge wait" }, t("attempt", { number: job.attempt })) : null,
        make("span", { class: "soft" }, facts),
        make("span", { class: "percent" }, job.percent === undefined ? "" : `${job.percent.toFixed(0)} %`),
        idButton({ fileID: job.file_id }),
        data.acts ? actButton("cancel", t("cancel"), { fileID: job.file_id, name: job.name }, look) : null),
      bar);
  }));
}

function queue(data) {
  const waiting = data.lookups ? data.lookups.waiting : [], retrying = data.status.retrying || [], now = Date.parse(data.now);
  const rest = data.status.counts.waiting - waiting.length;
  draw("queue", [waiting, retrying, rest, data.acts, Math.floor(now / 5000)], () => {
    const items = waiting.map(file => make("li", {}, make("div", { class: "line" },
      nameLink(file),
      make("span", { class: "soft" }, [file.duration ? clock(file.duration) : "", file.size !== undefined ? bytes(file.size) : "", t("waitingFor", { span: span(file.waited) })].filter(Boolean).join(" · ")),
      idButton(file), data.acts ? actButton("cancel", t("cancel"), file, look) : null)));
    if (rest > 0) items.push(make("li", { class: "empty" }, t(data.status.counts.waiting >= 10000 ? "andOrMore" : "andMore", { count: number.format(rest) })));
    for (const file of retrying) items.push(make("li", {},
      make("div", { class: "line" },
        nameLink({ fileID: file.file_id, name: file.name }),
        make("span", { class: "badge wait" }, file.code),
        make("span", { class: "soft" }, Date.parse(file.next_at) > now ? t("attemptIn", { number: file.attempts + 1, span: span((Date.parse(file.next_at) - now) / 1000) }) : t("attemptNow", { number: file.attempts + 1 })),
        idButton({ fileID: file.file_id }),
        data.acts ? actButton("retry", t("retryNow"), { fileID: file.file_id, name: file.name }, look) : null,
        data.acts ? actButton("cancel", t("cancel"), { fileID: file.file_id, name: file.name }, look) : null),
      make("p", { class: "reason soft" }, file.reason),
      file.cause ? make("pre", { class: "cause" }, file.cause) : null));
    return items.length ? items : empty(t("queueIsEmpty"));
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
      const time = new Date(start + index * hours.spanSeconds * 1000);
      let bottom = 200;
      for (const kind of ["failed", "done"]) {
        const value = hours[kind][index];
        if (!value) continue;
        const height = Math.max(3, value / most * 199);
        bottom -= height;
        parts.push(make("rect", { class: kind, x: left + index * width + .8, width: width - 1.6, y: Math.max(0, bottom), height, rx: 1.5 }, make("title", {}, t(kind === "done" ? "barDone" : "barFailed", { time: hour(time), count: value }))));
      }
    }
    return parts;
  });
  const start = new Date(hours.start), done = sum(hours.done), failed = sum(hours.failed), perHour = 3600 / hours.spanSeconds;
  const text = t("daySum", { done: number.format(done), failed: number.format(failed), most: busiest });
  if (byId("hours-sum").textContent !== text) byId("hours-sum").textContent = text;
  draw("hours-axis", hours.start, () => [0, 6, 12, 18].map(step => make("span", {}, hour(new Date(start.getTime() + step * 3600000)))).concat(make("span", {}, t("now"))));
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

const nameLink = file => make("a", { class: "name", href: at(`files/${file.fileID}`), title: file.name }, bdi(file.name));

let filter = "all";
function recent(data) {
  const all = data.lookups ? data.lookups.finished : [], now = Date.parse(data.now);
  const files = all.filter(file => filter === "all" || file.isDone === (filter === "done"));
  draw("recent", [files, filter, data.acts], () => files.length === 0 ? empty(t(all.length ? "noMatch" : "noneYet")) : files.map(file => file.isDone ? doneCard(file) : failedCard(file, data.acts)));
  for (const element of document.querySelectorAll("[data-at]")) {
    const parts = [t("ago", { span: span((now - Date.parse(element.dataset.at)) / 1000) }), element.dataset.took];
    const text = parts.filter(Boolean).join(" · ");
    if (element.textContent !== text) element.textContent = text;
  }
}
const foot = (file, kind, label, ...more) => make("div", { class: "foot" },
  make("span", { class: `badge ${kind}` }, label), idButton(file), ...pageLinks(file.pages),
  make("span", { class: "soft", "data-at": file.at, "data-took": file.isDone && file.seconds !== undefined ? t("tookSpan", { span: took(file.seconds) }) : "" }), ...more);
function doneCard(file) {
  const picture = make("div", { class: "picture" }, sign(file.isSound ? "sound" : "film"));
  if (file.hasPoster) picture.append(make("img", { src: at(`posters/${file.fileID}`), alt: "", loading: "lazy" }));
  if (file.duration) picture.append(make("span", { class: "length" }, clock(file.duration)));
  const change = file.before && file.after !== undefined ? Math.round(100 * (file.after - file.before) / file.before) : undefined;
  const sizes = file.before !== undefined ? `${bytes(file.before)} → ${bytes(file.after)}` : bytes(file.after);
  return make("li", { class: "done" }, picture, make("div", { class: "text" },
    nameLink(file),
    file.reason ? make("p", { class: "reason" }, file.reason) : null,
    make("div", { class: "soft" }, sizes + (change === undefined ? "" : ` (${change > 0 ? "+" : change < 0 ? "−" : "±"}${Math.abs(change)} %)`)),
    foot(file, "done", t("badgeDone"))));
}
/** Small: there is nothing to see, only to read and to do. */
function failedCard(file, acts) {
  return make("li", { class: "failed" }, make("div", { class: "text" },
    make("div", { class: "line" }, sign("failed"), nameLink(file), make("span", { class: "soft" }, bytes(file.before))),
    file.reason ? make("p", { class: "reason" }, file.reason) : null,
    file.cause ? make("details", {}, make("summary", {}, t("cause")), make("pre", { class: "cause" }, file.cause)) : null,
    foot(file, "failed", file.code || t("badgeFailed"), acts ? actButton("retry", t("retry"), file, look) : null)));
}

let last;
function render(data) {
  // The site's language was changed.
  if (data.language !== language) return location.reload();
  last = data;
  const { status } = data;
  byId("site").textContent = t("siteOnHost", { site: data.site, host: status.host });
  const up = (Date.parse(data.now) - Date.parse(status.started_at)) / 1000;
  byId("about").textContent = t("about", { version: status.version, pid: status.pid, span: span(up), layers: status.sandbox && status.sandbox.layers.join(", ") || t("none") });
  document.title = `${status.running.length ? t("titleRunning", { count: status.running.length }) : t("titleIdle")} – transcoder`;
  state(data);
  tiles(data, Date.parse(data.now));
  running(data);
  queue(data);
  if (data.lookups) hours(data.lookups.hours);
  recent(data);
}

async function look() {
  try {
    const answer = await fetch(at("dashboard.json"), { signal: AbortSignal.timeout(10000) });
    if (!answer.ok) throw new Error();
    render(await answer.json());
  } catch {
    show(t("noAnswer"), "bad");
    notice(t("silenceNotice"));
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
