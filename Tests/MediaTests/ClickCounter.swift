import Foundation

/// Counts the clicks in a pure tone: places where it is not what the two samples before make it. A cut, a hole, a leap of
/// its phase and a sample too few are such; a slow change of its height or loudness is none.
struct ClickCounter {
    /// Hertz of the tone.
    var tone: Double
    /// Share of the tone's amplitude by which a sample must be off.
    var threshold = 0.05

    /// Seconds from the sound's first sample; what lies within 10 ms is one click.
    func clicks(in sound: DecodedSound, channel: Int = 0) -> [Double] {
        let samples = sound.samples[channel]
        guard samples.count > 2 else { return [] }
        let amplitude = sound.rms(channel) * 2.0.squareRoot()
        let turn = 2 * cos(2 * .pi * tone / Double(sound.rate))
        var clicks: [Double] = []
        var last = -Double.infinity
        samples.withUnsafeBufferPointer { samples in
            for index in 1..<samples.count - 1 {
                let wanted = turn * Double(samples[index]) - Double(samples[index - 1])
                guard abs(Double(samples[index + 1]) - wanted) > threshold * amplitude else { continue }
                let time = Double(index) / Double(sound.rate)
                if time - last > 0.010 { clicks.append(time) }
                last = time
            }
        }
        return clicks
    }
}

extension DecodedSound {
    /// The longest span, in seconds, in which nothing is louder than a level.
    func longestSilence(from: Double = 0, to: Double = .init(Int32.max), level: Float = 0.005, channel: Int = 0) -> Double {
        let first = max(0, Int((from - start) * Double(rate))), last = min(samples[channel].count, Int((to - start) * Double(rate)))
        guard first < last else { return 0 }
        return samples[channel].withUnsafeBufferPointer { samples in
            var (longest, length) = (0, 0)
            for index in first..<last {
                length = abs(samples[index]) <= level ? length + 1 : 0
                longest = max(longest, length)
            }
            return Double(longest) / Double(rate)
        }
    }
}
