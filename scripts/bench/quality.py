"""make bench-quality: settings of x264 by bytes and processor time at the quality of PeerTube's default. CORPUS=DIR adds real
films, QUICK=1 takes few films and settings."""

import math
import os
import sys

import films
import machine
import peers
import report
from trial import Settings, Trials

PEERTUBE = Settings("PeerTube (veryfast, 16 B frames)", "veryfast", is_peertube=True)
# Ours around PeerTube's quality.
FACTORS = (20, 23, 26)
# Psychovisual tuning works from `fast` on only; it costs VMAF and SSIM, whatever it does to the eye.
CANDIDATES = [Settings(" ".join(words).strip(), *words) for words in (
    ("veryfast", ""),
    ("veryfast", "aq-mode=2:trellis=1:rc-lookahead=20"),
    ("faster", "aq-mode=2:ref=1:subme=3"),
    ("faster", "aq-mode=2"),
    ("faster", ""),
    ("fast", "psy=0:aq-mode=2"),
    ("medium", "psy=0:aq-mode=2"),
)]


def at(points, x):
    """The parabola through three points (x, y), or what there is of them; beyond them it is a guess."""
    total = 0
    for i, (xi, yi) in enumerate(points):
        for j, (xj, _) in enumerate(points):
            if i != j:
                yi *= (x - xj) / (xi - xj)
        total += yi
    return total


def judge(trials, settings, film):
    """Bytes at equal VMAF and at equal SSIM, the factor and the processor time that go with the dearer of the two: all in
    relation to PeerTube's."""
    goal = trials.run(PEERTUBE, film, 23)
    runs = [trials.run(settings, film, factor) for factor in FACTORS]
    result = {}
    for metric in ("vmaf", "ssim"):
        size = at([(run[metric], math.log(run["bytes"])) for run in runs], goal[metric])
        result[metric] = math.exp(size) / goal["bytes"]
        result[metric + "-factor"] = at([(run[metric], factor) for run, factor in zip(runs, FACTORS)], goal[metric])
    factor = min(result["vmaf-factor"], result["ssim-factor"])
    result["factor"] = factor
    result["cpu"] = trials.processor_ratio(settings, round(factor), PEERTUBE, 23, film)
    return result


def mean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values))


def summarise(trials, settings, all_films):
    judged = [judge(trials, settings, film) for film in all_films]
    return {
        "name": settings.name,
        "vmaf": mean(one["vmaf"] for one in judged), "ssim": mean(one["ssim"] for one in judged),
        "worst": max(max(one["vmaf"], one["ssim"]) for one in judged),
        "cpu": mean(one["cpu"] for one in judged),
        "factor": sum(one["factor"] for one in judged) / len(judged),
        "films": {film.name: one for film, one in zip(all_films, judged)},
    }


def main():
    both = peers.both()
    is_quick = bool(os.environ.get("QUICK"))
    encoder, static = both[0].ffmpeg, both[1].ffmpeg
    chosen = films.made(static, is_quick)
    if os.environ.get("CORPUS"):
        chosen += films.real(static, os.environ["CORPUS"])
    print(f"{len(chosen)} films: " + ", ".join(f"{film.name} {film.width}×{film.height}" for film in chosen), flush=True)
    trials, rows, moment = Trials(encoder, static), [], machine.moment()
    for settings in CANDIDATES[:2] if is_quick else CANDIDATES:
        row = summarise(trials, settings, chosen)
        print("{name}: bytes {vmaf:.3f} at equal VMAF, {ssim:.3f} at equal SSIM, CPU {cpu:.2f}, CRF {factor:.1f}".format(**row),
              flush=True)
        rows.append(row)
    if is_quick or os.environ.get("DRY"):
        return
    table = report.table(
        ["settings", "bytes at equal VMAF", "at equal SSIM", "worst film", "CPU", "CRF of equal quality"],
        [[f"`{row['name']}`", f"{row['vmaf']:.2f}", f"{row['ssim']:.2f}", f"{row['worst']:.2f}", f"{row['cpu']:.2f}",
          f"{row['factor']:.1f}"] for row in rows])
    text = f"""## Bytes at equal quality: `make bench-quality`

Each against PeerTube's default (`veryfast`, CRF 23, 16 B frames, its cap), which is 1.00: bytes of the picture at the same VMAF, and
at the same SSIM (all pictures, in decibels), by a parabola through CRF {', '.join(map(str, FACTORS))}; geometric means over {len(chosen)} films of at
most {films.SECONDS} s and 720 lines, {sum(film.is_real for film in chosen)} of them real ones. HDR is taken as it comes, with no tone mapping.

CPU is user and system time of encoding uncompressed pictures with one thread, no decoding in it, at the lower of the two factors, in
turns with PeerTube's, the least of three each; the last column is the mean of that factor. Settings that differ by 0.1 of CPU here are
not told apart on a busy machine. What was tried is remembered from one run to the next. {moment['day']}, load of the machine
{moment['load']} at the start of the last run, x264 of {both[0].name} {both[0].version}, libvmaf of {both[1].name} {both[1].version}.

The settings were picked among some twenty with two of the made films and four real ones in view. Those with `psy=0` leave out what
x264 does for the eye alone, which both measures count as a fault.

{table}"""
    report.write("bench-quality", text)
    print(f"Written into {report.DOCUMENT}")


if __name__ == "__main__":
    sys.exit(main())
