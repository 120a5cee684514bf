/// Decides, from the timestamps of an audio stream's frames, where to insert silence, where to cut overlaps, and where
/// to stretch. Audio consists of consecutive samples: a timestamp only counts if others confirm it.
///
/// Without errors, the difference between a frame's timestamp and the samples before it is the same for all frames. It is
/// noisy if packets come early or late, grows slowly if the recorder's clock differs from the audio clock, and jumps
/// if audio is missing or repeated. So every frame waits until those of the next half second are known: a jump that the
/// median of them shares is corrected at once, and the remaining mean over some seconds is corrected gradually.
/// All counts are samples.
struct AudioAlignment {
    enum Correction: Equatable {
        case none
        /// Silence before the frame; negative: samples to cut from it and those after it.
        case leap(Int64)
        /// Samples to stretch the audio by, from the frame on; negative: compress.
        case drift(Int64)
    }

    private struct Entry {
        /// Nil: it has no timestamp.
        let distance: Int64?
        let count: Int
    }

    /// Frames to look ahead before deciding on one.
    private static let ahead = (least: 4, most: 64)

    private let rate: Int64
    private var waiting: [Entry] = []
    private var waitingSamples: Int64 = 0
    /// Samples of all input frames.
    private var counted: Int64 = 0
    /// The output's difference; nil before the first frame.
    private var distance: Int64?
    /// Mean deviation of the frames' differences from it.
    private var noise = 0.0
    /// Frames with a timestamp in the last seconds, since the last jump; their samples, and the sum of their differences.
    private var past: [(distance: Int64, count: Int)] = []
    private var pastSamples: Int64 = 0
    private var pastSum: Int64 = 0

    init(rate: Int) { self.rate = Int64(rate) }

    /// - Parameter time: nil if the frame has none; it follows the frame before it.
    mutating func put(time: Int64?, count: Int) {
        waiting.append(Entry(distance: time.map { $0 - counted }, count: count))
        waitingSamples += Int64(count)
        counted += Int64(count)
    }

    /// What to do before the first waiting frame; nil: more frames are needed.
    /// - Parameter mayDrift: a gradual correction may start.
    mutating func next(isLast: Bool, mayDrift: Bool) -> Correction? {
        guard let entry = waiting.first, isLast || isEnough(behind: entry) else { return nil }
        defer {
            waiting.removeFirst()
            waitingSamples -= Int64(entry.count)
        }
        guard let found = entry.distance else { return Correction.none }
        guard let current = distance else {
            let level = Level(waiting.lazy.compactMap(\.distance), joint: milliseconds(100))
            noise = level.noise
            let first = level.bounded(found, by: noise)
            // Mere noise is not worth cutting the beginning of the audio.
            distance = first < 0 && first > -threshold(noise) ? 0 : first
            remember(found, entry.count)
            return distance == 0 ? Correction.none : .leap(distance ?? 0)
        }
        if abs(found - current) > milliseconds(15), let leap = leap(found, current) {
            distance = current + leap
            (past, pastSamples, pastSum) = ([], 0, 0)
            remember(found, entry.count)
            return .leap(leap)
        }
        noise += (Double(abs(found - current)) - noise) * 0.05
        // A single outlier would distort the mean.
        let most = threshold(noise)
        remember(max(current - most, min(current + most, found)), entry.count)
        guard mayDrift, let drift = drift(current) else { return Correction.none }
        distance = current + drift
        return .drift(drift)
    }

    private func milliseconds(_ count: Int64) -> Int64 { count * rate / 1000 }

    private func isEnough(behind first: Entry) -> Bool {
        waiting.count > Self.ahead.most
            || (waiting.count > Self.ahead.least && waitingSamples - Int64(first.count) >= milliseconds(500))
    }

    /// Less may be noise.
    private func threshold(_ noise: Double) -> Int64 {
        milliseconds(15) + min(milliseconds(65), Int64(4 * noise))
    }

    private func leap(_ found: Int64, _ current: Int64) -> Int64? {
        let level = Level(waiting.lazy.compactMap(\.distance), joint: milliseconds(100))
        let noise = max(noise, level.noise)
        let least = threshold(noise)
        let way = level.median - current
        guard abs(way) > least, (found > current) == (way > 0), abs(found - current) > min(least, abs(way) / 2) else { return nil }
        let target = level.bounded(found, by: noise)
        let leap = way > 0 ? min(target, level.median) - current : max(target, level.median) - current
        return leap != 0 && (leap > 0) == (way > 0) ? leap : nil
    }

    private mutating func remember(_ distance: Int64, _ count: Int) {
        past.append((distance, count))
        pastSamples += Int64(count)
        pastSum += distance
        while let oldest = past.first, pastSamples - Int64(oldest.count) >= milliseconds(3000) || past.count > 1000 {
            past.removeFirst()
            pastSamples -= Int64(oldest.count)
            pastSum -= oldest.distance
        }
    }

    private func drift(_ current: Int64) -> Int64? {
        guard pastSamples >= milliseconds(3000), !past.isEmpty else { return nil }
        let mean = pastSum / Int64(past.count) - current
        return abs(mean) > milliseconds(5) + Int64(noise / 4) ? mean : nil
    }
}

/// Statistics of the differences of the frames ahead.
private struct Level {
    /// Of all of them.
    let median: Int64
    /// Of those before the next jump.
    private let joint: Int64
    /// Mean deviation of those before the next jump; 0 if they only rise or only fall, as with missing packets.
    let noise: Double

    /// - Parameter joint: consecutive differences that are further apart have a jump between them.
    init(_ distances: some Sequence<Int64>, joint most: Int64) {
        let all = Array(distances)
        var count = min(1, all.count)
        while count < all.count, abs(all[count] - all[count - 1]) <= most { count += 1 }
        let level = all.prefix(count)
        median = Self.median(all)
        let middle = Self.median(level)
        joint = middle
        let steps = zip(level, level.dropFirst()).map { $1 - $0 }
        let isNoisy = steps.contains { $0 > 0 } && steps.contains { $0 < 0 }
        noise = isNoisy ? Double(level.reduce(0) { $0 + abs($1 - middle) }) / Double(count) : 0
    }

    /// The median of those before the next jump, but no further from the first than noise explains.
    func bounded(_ first: Int64, by noise: Double) -> Int64 {
        let most = Int64(2.5 * noise)
        return max(first - most, min(first + most, joint))
    }

    private static func median(_ values: some Collection<Int64>) -> Int64 {
        values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2]
    }
}
