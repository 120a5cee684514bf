internal import CFFmpeg
internal import CFFmpegShims

/// Timestamps count in a time base; they are converted with av_rescale_q, never with floating point.
typealias TimeBase = AVRational

extension AVRational {
    static let microseconds = AVRational(num: 1, den: 1_000_000)

    var value: Double { den == 0 ? 0 : Double(num) / Double(den) }
    var isPositive: Bool { num > 0 && den > 0 }
    /// Whether a pixel aspect ratio is plausible: anamorphic video has up to 3:1, and values far beyond are damage.
    var isPixelShape: Bool { isPositive && (0.1...10).contains(value) }

    func isEqual(to other: AVRational) -> Bool { av_cmp_q(self, other) == 0 }
}

/// A timestamp, or nil for FFmpeg's AV_NOPTS_VALUE.
func timestamp(_ value: Int64) -> Int64? {
    value == shim_nopts ? nil : value
}

func rescale(_ value: Int64, from: TimeBase, to: TimeBase) -> Int64 {
    av_rescale_q_rnd(value, from, to, AVRounding(rawValue: AV_ROUND_NEAR_INF.rawValue | AV_ROUND_PASS_MINMAX.rawValue))
}

/// Microseconds, about thirty years: a time beyond is damage, and arithmetic with it would overflow.
let latestTime: Int64 = 1_000_000_000_000_000

/// A timestamp of a file in microseconds; nil if missing or invalid.
func microseconds(_ value: Int64, in timeBase: TimeBase) -> Int64? {
    guard let value = timestamp(value) else { return nil }
    let time = rescale(value, from: timeBase, to: .microseconds)
    return (-latestTime...latestTime).contains(time) ? time : nil
}
