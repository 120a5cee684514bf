internal import CFFmpeg

/// The display times and durations of a filter graph's output. A graph that outputs a frame per
/// field puts the second halfway to the next frame: if frames are missing, that is too late.
struct FilteredFrameTimes {
    /// Frames inside the graph, in order.
    private var frames: ArraySlice<Shown> = []
    private var last: Shown?

    private struct Shown {
        let pts: Int64
        let duration: Int64
        let timeBase: TimeBase
    }

    /// Records a frame that is sent to the graph.
    mutating func note(_ picture: Picture) {
        guard let pts = picture.frame.pts else { return }
        frames.append(Shown(pts: pts, duration: picture.duration, timeBase: picture.timeBase))
    }

    /// Corrects the time of an output frame, and returns its display duration, in its time base.
    /// - Parameter interval: seconds between frames, by the plan.
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
