internal import CFFmpeg

/// Watches frames and keeps the best poster: not black, blank, blurred or a fade. Holds a
/// reference to one frame at a time.
struct PosterChooser {
    /// Microseconds between two evaluated frames.
    private let interval: Int64
    /// The requested time in microseconds; nil chooses.
    private let wanted: Int64?
    private var nextLook = Int64.min
    private var hasLooked = false
    private var bestScore = -Double.infinity
    private var bestTime = Int64.max
    private(set) var best: Frame?

    /// - Parameter duration: microseconds, if known.
    init(duration: Int64?, wanted: Double?) {
        interval = max(200_000, min(5_000_000, (duration ?? 20_000_000) / 24))
        self.wanted = wanted.map { Int64($0 * 1_000_000) }
    }

    var hasWish: Bool { wanted != nil }

    /// Whether the best is more than black, blank or a fade.
    var isGood: Bool { wanted != nil || bestScore >= 0.5 }

    /// Evaluates a frame in yuv420p; `time` in microseconds. Must see all frames, in order.
    mutating func look(at frame: Frame, time: Int64) throws {
        if isDue(at: time) { try take(frame, time: time) }
    }

    /// Whether the next frame, at a given time, is due: later frames do not change that.
    mutating func isDue(at time: Int64) -> Bool {
        if let wanted {
            defer { hasLooked = true }
            return !hasLooked || time <= wanted
        }
        guard time >= nextLook else { return false }
        nextLook = time + interval
        return true
    }

    /// Takes a due frame, in yuv420p; in any order.
    mutating func take(_ frame: Frame, time: Int64) throws {
        // With a requested time, the last due frame is the nearest.
        let score = hasWish ? Double(time) : FrameScore(frame).value
        guard isBetter(score, time) else { return }
        (bestScore, bestTime, best) = (score, time, try frame.reference())
    }

    /// Merges the other chooser's result.
    mutating func join(_ other: PosterChooser) {
        guard let frame = other.best, isBetter(other.bestScore, other.bestTime) else { return }
        (bestScore, bestTime, best) = (other.bestScore, other.bestTime, frame)
    }

    private func isBetter(_ score: Double, _ time: Int64) -> Bool {
        best == nil || score > bestScore || (score == bestScore && time < bestTime)
    }
}

/// The visual content of a frame: contrast, detail, colour, and light that is neither dark nor overexposed.
struct FrameScore {
    let value: Double

    init(_ frame: Frame) {
        let raw = frame.pointer.pointee
        guard let luma = raw.data.0, let cb = raw.data.1, let cr = raw.data.2, frame.width >= 8, frame.height >= 8 else {
            value = -1
            return
        }
        // A grid of about 160 by 120 points suffices.
        let stepX = max(1, frame.width / 160), stepY = max(1, frame.height / 120)
        var count = 0.0, sum = 0.0, squares = 0.0, detail = 0.0, colour = 0.0, crushed = 0.0
        for y in stride(from: 1, to: frame.height - 1, by: stepY) {
            let row = luma + y * Int(raw.linesize.0)
            let chroma = (y / 2) * Int(raw.linesize.1)
            for x in stride(from: 1, to: frame.width - 1, by: stepX) {
                let point = Double(row[x])
                count += 1
                sum += point
                squares += point * point
                detail += abs(2 * point - Double(row[x - 1]) - Double(row[x + 1]))
                colour += abs(Double(cb[chroma + x / 2]) - 128) + abs(Double(cr[chroma + x / 2]) - 128)
                if point < 28 || point > 230 { crushed += 1 }
            }
        }
        let mean = sum / count
        let contrast = max(0, squares / count - mean * mean).squareRoot()
        // Each part saturates, so that none of them outweighs the others.
        let exposure = 1 - min(1, abs(mean - 118) / 118)
        value =
            min(contrast, 60) / 60 + 0.8 * min(detail / count, 12) / 12 + 0.3 * min(colour / count, 30) / 30
            + 0.6 * exposure - 0.8 * crushed / count
    }
}
