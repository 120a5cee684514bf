internal import CFFmpeg

/// When the pictures that come out of a filter graph are shown, and for how long. A graph that makes a picture of each
/// field puts the second halfway to the next frame: where frames are missing, that is too late.
struct FieldTimes {
    /// Frames that the graph holds, in order.
    private var frames: ArraySlice<Shown> = []
    private var last: Shown?

    private struct Shown {
        let pts: Int64
        let duration: Int64
        let timeBase: TimeBase
    }

    /// Notes a picture that is given to the graph.
    mutating func note(_ picture: Picture) {
        guard let pts = picture.frame.pts else { return }
        frames.append(Shown(pts: pts, duration: picture.duration, timeBase: picture.timeBase))
    }

    /// Mends the time of a frame that came out, and returns how long it is shown, in its time base.
    /// - Parameter interval: seconds from one picture to the next, by the plan.
    mutating func settle(_ frame: Frame, timeBase: TimeBase, interval: Double) -> Int64 {
        guard let pts = frame.pts else { return 0 }
        if let index = frames.firstIndex(where: { rescale($0.pts, from: $0.timeBase, to: timeBase) == pts }) {
            let shown = frames[index]
            last = shown
            frames = frames[(index + 1)...]
            return rescale(shown.duration, from: shown.timeBase, to: timeBase)
        }
        guard let last else { return 0 }
        let first = rescale(last.pts, from: last.timeBase, to: timeBase)
        let usual = Int64((interval / timeBase.value).rounded())
        if 2 * (pts - first) > 3 * usual { frame.pts = first + usual }
        return rescale(last.duration, from: last.timeBase, to: timeBase) / 2
    }
}
