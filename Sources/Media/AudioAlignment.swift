/// Decides, from the times that the frames of a sound stream carry, where it is silent, where it overlaps itself, and where
/// it must be stretched. Sound is made of samples that follow one another: a time counts where others bear it out.
///
/// The distance of a frame's time from the samples before it is the same for all frames of a sound without fault. It is
/// noisy where packets come early or late, grows slowly where the recorder's clock was another than the sound's, and leaps
/// where sound is missing or repeated. So every frame waits until those of the next half second are known: a leap that the
/// median of them shares is corrected at once, and what is left of the mean over some seconds is corrected little by little.
/// All counts are samples.
struct AudioAlignment {
    enum Correction: Equatable {
        case none
        /// Silence before the frame; negative: samples to be cut from it and those behind it.
        case leap(Int64)
        /// Samples by which the sound is to be stretched, from the frame on; negative: compressed.
        case drift(Int64)
    }

    private struct Entry {
        /// Nil: it has no time.
        let distance: Int64?
        let count: Int
    }

    /// Frames that are looked at before one is decided on.
    private static let ahead = (least: 4, most: 64)

    private let rate: Int64
    private var waiting: [Entry] = []
    private var waitingSamples: Int64 = 0
    /// Samples of all frames that were put in.
    private var counted: Int64 = 0
    /// The distance that the output has; nil before the first frame.
    private var distance: Int64?
    /// Mean deviation of the frames' distances from it.
    private var noise = 0.0
    /// Frames with a time of the last seconds, since the last leap; their samples, and the sum of their distances.
    private var past: [(distance: Int64, count: Int)] = []
    private var pastSamples: Int64 = 0
    private var pastSum: Int64 = 0

    init(rate: Int) { self.rate = Int64(rate) }

    /// - Parameter time: nil where the frame has none; it follows the frame before it.
    mutating func put(time: Int64?, count: Int) {
        waiting.append(Entry(distance: time.map { $0 - counted }, count: count))
        waitingSamples += Int64(count)
        counted += Int64(count)
    }

    /// What is to be done before the first frame that waits; nil: more must be known.
    /// - Parameter mayDrift: a correction little by little may begin.
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
            // What is no more than noise is not worth the beginning of the sound.
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
        // A single time that is wrong by far would pull the mean of all.
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

    /// What is less may be noise.
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

/// What the distances of the frames ahead have in common.
private struct Level {
    /// Of all of them.
    let median: Int64
    /// Of those before the next leap.
    private let joint: Int64
    /// Mean deviation of those before the next leap; 0 where they only rise or only fall, as where packets are missing.
    let noise: Double

    /// - Parameter joint: distances of frames in a row that are apart by more have a leap between them.
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

    /// The middle of those before the next leap, but no farther from the first than noise explains.
    func bounded(_ first: Int64, by noise: Double) -> Int64 {
        let most = Int64(2.5 * noise)
        return max(first - most, min(first + most, joint))
    }

    private static func median(_ values: some Collection<Int64>) -> Int64 {
        values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2]
    }
}
