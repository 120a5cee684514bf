/// The channels and sample rates of an audio stream over its whole length, with their durations.
struct AudioExtent {
    /// Seconds that count; less may be damage.
    private static let least = 0.2

    private var lengths: (channels: [Int: Double], rates: [Int: Double]) = ([:], [:])

    mutating func add(_ frame: Frame) {
        guard frame.sampleRate > 0 else { return }
        let length = Double(frame.sampleCount) / Double(frame.sampleRate)
        lengths.channels[frame.channels, default: 0] += length
        lengths.rates[frame.sampleRate, default: 0] += length
    }

    var channels: Int { Self.highest(lengths.channels) }
    /// Hz.
    var sampleRate: Int { Self.highest(lengths.rates) }

    private static func highest(_ lengths: [Int: Double]) -> Int {
        let enough = min(least, lengths.values.reduce(0, +) / 4)
        return lengths.filter { $0.value >= enough }.keys.max() ?? 0
    }
}
