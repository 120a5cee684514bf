internal import CFFmpeg
internal import Glibc

/// Stretches or compresses audio by some samples, so slowly that it is inaudible: each sample is interpolated from those of the
/// source with a windowed sinc. Without a correction, frames pass unchanged. For planar 32-bit float audio.
struct DriftCompensator {
    /// Samples on each side that contribute to one sample.
    private static let reach = 8
    private static let phases = 1024

    /// For each channel: `reach` samples that were already output, and those that were not.
    private var samples: [[Float]] = []
    /// The start of the correction in `samples`.
    private var origin = 0
    /// Samples to add, over this many output samples, some of which are done; nil: no correction.
    private var course: (shift: Int64, length: Int64, done: Int64)?

    var isActive: Bool { course != nil }

    /// - Parameter shift: the final number of samples more, or fewer.
    mutating func begin(_ shift: Int64, rate: Int) {
        guard shift != 0, !isActive else { return }
        // A quarter of a percent is four hundredths of a semitone, which is inaudible; larger errors must be corrected faster.
        let share = abs(shift) <= Int64(rate) / 100 ? 400 : abs(shift) <= Int64(rate) / 50 ? 200 : Int64(100)
        course = (shift, abs(shift) * share, 0)
        origin = Self.reach
    }

    /// Passes the result of a frame to `emit`; some of it may come with the next.
    mutating func process(_ frame: Frame, emit: (Frame) throws -> Void) throws {
        let planes = frame.samples(Float.self)
        if samples.count != planes.count { samples = planes.map { plane in [Float](repeating: plane.first ?? 0, count: Self.reach) } }
        guard let course else {
            for (channel, plane) in planes.enumerated() { samples[channel] += plane.suffix(Self.reach) }
            keepTail()
            return try emit(frame)
        }
        for (channel, plane) in planes.enumerated() { samples[channel] += plane }
        var outputs = samples.map { _ in [Float]() }
        let end = read(into: &outputs, course)
        if self.course == nil {
            for channel in samples.indices { outputs[channel] += samples[channel][end...] }
            keepTail()
        } else {
            let passed = max(0, end - Self.reach)
            for channel in samples.indices { samples[channel].removeFirst(passed) }
            origin -= passed
        }
        if let result = try Self.frame(outputs, like: frame) { try emit(result) }
    }

    /// Ends the correction at its current point, and outputs what was held back.
    mutating func flush(like frame: Frame, emit: (Frame) throws -> Void) throws {
        guard let course else { return }
        let place = origin + Int((course.done * (course.length - course.shift) + course.length - 1) / course.length)
        let rest = samples.map { Array($0[min(place, $0.count)...]) }
        self.course = nil
        keepTail()
        if let result = try Self.frame(rest, like: frame) { try emit(result) }
    }

    /// Interpolates as far as there are samples; returns the next position in `samples`.
    private mutating func read(into outputs: inout [[Float]], _ course: (shift: Int64, length: Int64, done: Int64)) -> Int {
        let count = samples.first?.count ?? 0
        var done = course.done
        while done < course.length {
            let (whole, part) = (done * (course.length - course.shift)).quotientAndRemainder(dividingBy: course.length)
            let place = origin + Int(whole)
            guard place + Self.reach < count else { break }
            let phase = Int(part * Int64(Self.phases) / course.length)
            for channel in samples.indices { outputs[channel].append(Self.value(samples[channel], place, phase)) }
            done += 1
        }
        self.course = done < course.length ? (course.shift, course.length, done) : nil
        return origin + Int(done * (course.length - course.shift) / course.length)
    }

    private static func value(_ samples: [Float], _ place: Int, _ phase: Int) -> Float {
        let first = place - reach + 1
        return samples.withUnsafeBufferPointer { samples in
            kernel.withUnsafeBufferPointer { kernel in
                var sum: Float = 0
                for tap in 0..<2 * reach { sum += samples[first + tap] * kernel[phase * 2 * reach + tap] }
                return sum
            }
        }
    }

    /// For each phase, the weights of the surrounding samples: a sinc with a Hann window, with sum 1.
    private static let kernel: [Float] = (0..<phases).flatMap { phase in
        let weights = (0..<2 * reach).map { tap in
            let distance = Double(tap - reach + 1) - Double(phase) / Double(phases)
            let sinc = distance == 0 ? 1 : sin(.pi * distance) / (.pi * distance)
            return sinc * (0.5 + 0.5 * cos(.pi * distance / Double(reach)))
        }
        let sum = weights.reduce(0, +)
        return weights.map { Float($0 / sum) }
    }

    private mutating func keepTail() {
        for channel in samples.indices { samples[channel].removeFirst(max(0, samples[channel].count - Self.reach)) }
    }

    private static func frame(_ channels: [[Float]], like other: Frame) throws -> Frame? {
        guard let count = channels.first?.count, count > 0 else { return nil }
        let frame = try Frame.silence(like: other, samples: count)
        for (plane, samples) in zip(frame.samples(Float.self), channels) { _ = plane.update(fromContentsOf: samples) }
        return frame
    }
}
