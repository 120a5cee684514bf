"use strict";
const fileNumber = location.pathname.split("/").pop();
const moment = text => text && new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(text));

function acts(file) {
  const failed = ["failed", "cancelled"].includes(file.state), early = file.state === "waiting" && file.nextAt;
  draw("acts", [file.state, file.acts, early, file.pages], () => [
    idButton(file), ...pageLinks(file.pages),
    file.acts && (failed || early) ? actButton("retry", t(early ? "retryNow" : "retry"), file, look) : null,
    file.acts && ["waiting", "running"].includes(file.state) ? actButton("cancel", t("cancel"), file, look) : null,
  ]);
}

function play(file) {
  draw("play", [file.address, file.hasPoster, file.mime, file.path], () => {
    const poster = file.hasPoster ? at(`posters/${file.fileID}`) : undefined;
    if (!file.address) return [poster ? make("img", { src: poster, alt: "" }) : null, make("p", { class: "soft" }, t("notPlayed"))];
    // Nothing is fetched from the site until somebody presses play.
    const player = make(file.isSound ? "audio" : "video", { controls: "", preload: "none", poster: file.isSound ? undefined : poster, "aria-label": file.name },
      make("source", { src: file.address, type: file.mime }));
    return [player, make("p", {}, siteLink(file.address, t("openMedia")))];
  });
}

function story(file) {
  const counted = value => value ? String(value) : undefined;
  const format = [file.width && file.height ? `${file.width} × ${file.height}` : "", file.duration ? clock(file.duration) : "", file.size !== undefined ? bytes(file.size) : "", file.mime || ""].filter(Boolean).join(" · ");
  const facts = [
    ["attempts", counted(file.attempts)], ["losses", counted(file.losses)], ["refusal", file.refusal],
    ["reason", [file.code, file.reason].filter(Boolean).join(": ")], ["cause", file.cause], ["heldBy", file.holder],
    ["startedAt", moment(file.claimedAt)], ["endedAt", moment(file.finishedAt)], ["nextAt", moment(file.nextAt)], ["format", format],
    ["playedFile", file.path], ["originalFile", file.originalPath], ["posterFile", file.posterPath],
    ["command", `transcoder jobs --id ${file.fileID}`],
  ].filter(([, value]) => value);
  draw("story", facts, () => facts.flatMap(([name, value]) =>
    [make("dt", {}, t(name)), make("dd", {}, ["cause", "command"].includes(name) ? make("pre", { class: "cause" }, value) : bdi(value))]));
}

function render(file) {
  if (file.language !== language) return location.reload();
  const kinds = { waiting: "odd", running: "good", done: "good", failed: "bad", cancelled: "bad" };
  byId("name").replaceChildren(bdi(file.name));
  document.title = `${t("fileTitle", { number: file.fileID })} – transcoder`;
  const running = file.running, word = t(`${file.state}State`);
  show(running ? `${phase(running.phase)}${running.percent === undefined ? "" : ` ${running.percent.toFixed(0)} %`}` : word, kinds[file.state] || "odd");
  acts(file);
  play(file);
  story(file);
}

async function look() {
  try {
    const answer = await fetch(at(`files/${fileNumber}/story`), { signal: AbortSignal.timeout(10000) });
    if (answer.status === 404) { show(t("unknownState"), "bad"); byId("name").textContent = t("fileTitle", { number: fileNumber }); return notice(t("noSuchFile")); }
    if (!answer.ok) throw new Error();
    render(await answer.json());
    if (byId("notice").textContent === t("silenceNotice")) notice("");
  } catch {
    show(t("noAnswer"), "bad");
    notice(t("silenceNotice"));
  }
}
async function watch() {
  if (!document.hidden) await look();
  setTimeout(watch, 2000);
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
watch();
