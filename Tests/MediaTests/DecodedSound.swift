import Foundation

/// A sound stream decoded by the ffmpeg program, each frame at the time that it carries: silence where there is none.
struct DecodedSound {
    let rate: Int
    /// Seconds at which the first sample stands.
    let start: Double
    /// Seconds of the end of the last frame.
    let end: Double
    /// Of each channel.
    let samples: [[Float]]
    /// Whether frames left a hole or lay over each other by more than a millisecond.
    let isContiguous: Bool

    init(_ file: URL, stream: String = "0:a:0") throws {
        let ending = try Program.run(
            "ffmpeg",
            [
                "-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", "-copyts", "-i", file.path, "-map", stream,
                "-af", "ashowinfo", "-f", "f32le", "-c:a", "pcm_f32le", "-",
            ])
        var frames: [(time: Double, count: Int)] = []
        var (rate, channels) = (0, 0)
        for line in ending.errors.split(separator: "\n") where line.contains("nb_samples:") {
            rate = Int(line.value(after: "rate:")) ?? rate
            // The filter counts in samples; its seconds have six digits, which are too few beyond ten of them.
            frames.append(((Double(line.value(after: " pts:")) ?? .nan) / Double(rate), Int(line.value(after: "nb_samples:")) ?? 0))
            channels = Int(line.value(after: "channels:")) ?? channels
        }
        guard let first = frames.first, rate > 0, channels > 0 else { throw DecodedVideo.Unexpected(what: "no sound") }
        let values = ending.output.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        // A stream whose channels change on the way cannot be told apart here.
        guard values.count == frames.map(\.count).reduce(0, +) * channels else {
            throw DecodedVideo.Unexpected(what: "\(values.count) samples in \(frames.count) frames of \(channels) channels")
        }
        self.rate = rate
        start = first.time
        end = frames.map { $0.time + Double($0.count) / Double(rate) }.max() ?? 0
        var samples = [[Float]](repeating: [Float](repeating: 0, count: Int(((end - start) * Double(rate)).rounded())), count: channels)
        var (position, next, isContiguous) = (0, first.time, true)
        for frame in frames {
            if abs(frame.time - next) > 0.001 { isContiguous = false }
            next = frame.time + Double(frame.count) / Double(rate)
            let offset = Int(((frame.time - start) * Double(rate)).rounded())
            let count = min(frame.count, samples[0].count - offset)
            if channels == 1, offset >= 0, count > 0 {
                samples[0].replaceSubrange(offset..<offset + count, with: values[position..<position + count])
            } else {
                for index in 0..<max(0, count) where offset + index >= 0 {
                    for channel in 0..<channels {
                        samples[channel][offset + index] = values[position + index * channels + channel]
                    }
                }
            }
            position += frame.count * channels
        }
        self.samples = samples
        self.isContiguous = isContiguous
    }

    private func range(_ from: Double, _ to: Double) -> Range<Int> {
        let places = [from, to].map { max(0, min(samples[0].count, Int((($0 - start) * Double(rate)).rounded(.down)))) }
        return places[0]..<max(places[0], places[1])
    }

    func peak(_ channel: Int = 0, from: Double = 0, to: Double = .init(Int32.max)) -> Double {
        Double(samples[channel][range(from, to)].reduce(0) { max($0, abs($1)) })
    }

    func rms(_ channel: Int = 0, from: Double = 0, to: Double = .init(Int32.max)) -> Double {
        let part = samples[channel][range(from, to)]
        return part.isEmpty ? 0 : (part.reduce(0) { $0 + Double($1) * Double($1) } / Double(part.count)).squareRoot()
    }

    /// The amplitude of one frequency (Goertzel).
    func amplitude(_ frequency: Double, _ channel: Int = 0, from: Double = 0, to: Double = .init(Int32.max)) -> Double {
        let part = samples[channel][range(from, to)]
        let turn = 2 * Double.pi * frequency / Double(rate)
        var (re, im) = (0.0, 0.0)
        for (index, sample) in part.enumerated() {
            re += Double(sample) * cos(turn * Double(index))
            im += Double(sample) * sin(turn * Double(index))
        }
        return part.isEmpty ? 0 : 2 * hypot(re, im) / Double(part.count)
    }

    /// When it first becomes louder than a level within a span of time.
    func onset(from: Double, to: Double = .init(Int32.max), level: Float, channel: Int = 0) -> Double? {
        let part = range(from, to)
        return samples[channel].withUnsafeBufferPointer { samples in
            var place = part.lowerBound
            while place < part.upperBound, abs(samples[place]) < level { place += 1 }
            return place < part.upperBound ? start + Double(place) / Double(rate) : nil
        }
    }
}
