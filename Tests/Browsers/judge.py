"""What is wrong with what a browser saw of a film."""


def faults(film, seen):
    found = list(seen["errors"])

    def expect(is_right, words):
        if not is_right:
            found.append(words)

    if "duration" not in seen:
        return found or ["no duration"]
    length = seen["duration"]
    expect(abs(length - film.seconds) <= 0.15, f"{length:.3f} s long, not {film.seconds} s")
    if film.element == "video":
        size = (seen["width"], seen["height"])
        expect(size == (film.size or (0, 0)), f"size {size[0]}×{size[1]}")
    if "playedTo" in seen:
        expect(seen["playedTo"] - seen["startedAt"] >= min(1, length - 0.1), f"played only to {seen['playedTo']:.3f} s")
    else:
        expect(found, "did not play")
    if "soughtTo" in seen:
        expect(abs(seen["soughtTo"] - length / 2) <= 0.1, f"sought to {seen['soughtTo']:.3f} s, not the middle")
    if "playedOnTo" in seen:
        expect(seen["playedOnTo"] > seen["soughtTo"], "does not play on from the middle")
    if "endedAt" in seen:
        # Firefox counts the last picture in full, whatever the edit list says.
        expect(-0.1 <= seen["endedAt"] - length <= 0.25, f"ended at {seen['endedAt']:.3f} s of {length:.3f} s")
    else:
        expect(found, "did not end")
    if film.size:
        expect(seen.get("frames", 0) > 0, "no picture shown")
    if film.corner and "corner" in seen:
        shown = seen["corner"]
        distance = max(abs(a - b) for a, b in zip(shown, film.corner))
        expect(distance <= 8, f"colour {tuple(shown)}, not {film.corner}")
    if film.channels and "channels" in seen:
        expect(seen["channels"] == film.channels, f"{seen['channels']} channels, not {film.channels}")
        expect(seen["peak"] > 0.01, "silent")
        expect(seen["soundSeconds"] <= length + 0.1, f"{seen['soundSeconds']:.3f} s of sound in {length:.3f} s")
    expect(seen.get("posterWidth", 0) > 0, "no poster")
    return found
