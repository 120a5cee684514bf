// Plays each file of /files.json as a site would and posts what was seen to /seen. Judges nothing: judge.py does.
'use strict';

const patience = 30_000; // milliseconds for one step

function event(element, name) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ‘${name}’ within ${patience / 1000} s`)), patience);
    element.addEventListener(name, () => { clearTimeout(timer); resolve(); }, { once: true });
    element.addEventListener('error', () => { clearTimeout(timer); reject(new Error(errorOf(element))); }, { once: true });
  });
}

function errorOf(element) {
  const error = element.error;
  return error ? `error ${error.code}: ${error.message || 'no message'}` : 'error event';
}

// Resolves with the time that was reached once playback has come to `time`.
function reach(element, time) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const look = () => {
      if (element.error) return reject(new Error(errorOf(element)));
      if (element.currentTime >= time || element.ended) return resolve(element.currentTime);
      if (performance.now() - start > patience) {
        return reject(new Error(`stood at ${element.currentTime} s on the way to ${time} s`));
      }
      setTimeout(look, 20);
    };
    look();
  });
}

async function seek(element, time) {
  const done = event(element, 'seeked');
  element.currentTime = time;
  await done;
}

async function observe(file, seen) {
  const element = document.createElement(file.element);
  element.muted = true;
  element.preload = 'auto';
  element.addEventListener('error', () => { seen.errors.push(errorOf(element)); });
  if (file.poster) element.poster = file.poster;
  const metadata = event(element, 'loadedmetadata');
  element.src = file.url;
  document.body.append(element);
  try {
    await metadata;
    seen.duration = element.duration;
    if (file.element === 'video') {
      seen.width = element.videoWidth;
      seen.height = element.videoHeight;
    }

    await element.play();
    seen.startedAt = element.currentTime;
    seen.playedTo = await reach(element, Math.min(1.2, element.duration));

    element.pause();
    const middle = element.duration / 2;
    await seek(element, middle);
    seen.soughtTo = element.currentTime;
    if (seen.width) seen.corner = corner(element);
    await element.play();
    seen.playedOnTo = await reach(element, middle + Math.min(0.4, element.duration / 4));

    // A short file once more as a whole, a long one's end.
    element.pause();
    await seek(element, element.duration <= 3 ? 0 : element.duration - 1);
    const ended = event(element, 'ended');
    await element.play();
    await ended;
    seen.endedAt = element.currentTime;

    if (file.element === 'video') seen.frames = element.getVideoPlaybackQuality().totalVideoFrames;
  } catch (error) {
    seen.errors.push(error.message);
  }
  element.remove();
  element.removeAttribute('src');
  element.load();
}

// The colour of the picture's upper left eighth: red, green, blue.
function corner(video) {
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0, video.videoWidth / 8, video.videoHeight / 8, 0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

// Decodes the sound by itself: a muted player on a machine without loudspeakers would not tell.
async function listen(file, seen) {
  const data = await (await fetch(file.url)).arrayBuffer();
  try {
    const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(data);
    seen.channels = sound.numberOfChannels;
    seen.soundSeconds = sound.duration;
    seen.peak = sound.getChannelData(0).reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
  } catch (error) {
    seen.errors.push(`sound: ${error.message}`);
  }
}

async function poster(file, seen) {
  if (!file.poster) return;
  const image = new Image();
  image.src = file.poster;
  try {
    await image.decode();
    seen.posterWidth = image.naturalWidth;
    seen.posterHeight = image.naturalHeight;
  } catch (error) {
    seen.errors.push(`poster: ${error.message}`);
  }
}

async function post(seen) {
  await fetch('/seen' + location.search, { method: 'POST', body: JSON.stringify(seen) });
}

async function main() {
  for (const file of await (await fetch('/files.json')).json()) {
    const seen = { file: file.name, errors: [] };
    await observe(file, seen);
    if (file.sound) await listen(file, seen);
    await poster(file, seen);
    seen.errors = [...new Set(seen.errors)];
    await post(seen);
  }
  await post({ done: true });
}

main().catch((error) => post({ done: true, failure: error.message }));
