/// The sample tables of a track: the time, size and offset of each sample.
struct MovieSamples {
    private(set) var count = 0
    /// Total seconds.
    private(set) var duration = 0.0
    /// Seconds of the track's media up to which they are displayed.
    private(set) var shownUntil = 0.0
    /// More samples than the last have no duration, or one has an extreme one.
    private(set) var areTimesSensible = true
    /// The tables have different numbers of samples.
    private(set) var isConsistent = true
    /// File bytes up to the end of the farthest sample.
    private(set) var end: UInt64 = 0
    /// The marked keyframes, counted from 0; nil if all are.
    private(set) var keyframes: Set<Int>?

    /// The maximum difference between display and decoding time, in seconds.
    private static let mostOffset = 60.0

    /// A run of samples with the same value: duration in ticks, or composition offset.
    private typealias Run = (samples: UInt64, ticks: Int64)

    /// Nil if they are invalid.
    init?(_ tables: BoxReader, _ timescale: UInt64) {
        guard let times = tables.box("stts"), let sizes = tables.box("stsz"), let chunks = tables.box("stsc"),
            let places = tables.box("stco") ?? tables.box("co64"), let size = sizes.number(4, at: 4),
            let samples = sizes.number(4, at: 8), samples <= UInt64(Int32.max)
        else { return nil }
        count = Int(samples)
        guard let steps = readTimes(times), let offsets = readOffsets(tables.box("ctts"), timescale),
            readPlaces(places, isLong: tables.box("stco") == nil, chunks, sizes, size)
        else { return nil }
        duration = steps.reduce(0) { $0 + Double($1.samples) * Double($1.ticks) } / Double(timescale)
        shownUntil = Self.end(steps, offsets) / Double(timescale)
        if let table = tables.box("stss") {
            let most = min(table.count / 4, Int(table.number(4, at: 4) ?? 0))
            keyframes = Set((0..<most).compactMap { table.number(4, at: 8 + 4 * $0) }.map { Int($0) - 1 })
        }
    }

    private mutating func readTimes(_ table: BoxReader) -> [Run]? {
        guard let entries = table.number(4, at: 4), entries <= UInt64(table.count / 8) else { return nil }
        var runs: [Run] = []
        var (total, still): (UInt64, UInt64) = (0, 0)
        for index in 0..<Int(entries) {
            guard let samples = table.number(4, at: 8 + 8 * index), let step = table.number(4, at: 12 + 8 * index) else { return nil }
            total += samples
            runs.append((samples, Int64(step)))
            if step == 0 { still += samples }
            if step > UInt64(Int32.max) { areTimesSensible = false }
        }
        if still > 1 { areTimesSensible = false }
        if total != UInt64(count) { isConsistent = false }
        return runs
    }

    /// Offsets may only be negative in version 1.
    private mutating func readOffsets(_ table: BoxReader?, _ timescale: UInt64) -> [Run]? {
        guard let table else { return [] }
        guard let version = table.number(1, at: 0), let entries = table.number(4, at: 4), entries <= UInt64(table.count / 8) else { return nil }
        var runs: [Run] = []
        var total: UInt64 = 0
        for index in 0..<Int(entries) {
            guard let samples = table.number(4, at: 8 + 8 * index), let offset = table.int32(at: 12 + 8 * index) else { return nil }
            total += samples
            runs.append((samples, Int64(offset)))
            if (version == 0 && offset < 0) || abs(Double(offset)) / Double(timescale) > Self.mostOffset { areTimesSensible = false }
        }
        if total != UInt64(count) { isConsistent = false }
        return runs
    }

    /// The tick at which the last displayed frame ends.
    private static func end(_ steps: [Run], _ offsets: [Run]) -> Double {
        var (end, time, place) = (0.0, 0.0, 0)
        var offset: Run = offsets.first ?? (.max, 0)
        for step in steps {
            var rest = step.samples
            while rest > 0 {
                let samples = min(rest, offset.samples)
                time += Double(samples) * Double(step.ticks)
                if samples > 0 { end = max(end, time + Double(offset.ticks)) }
                rest -= samples
                offset.samples -= samples
                if offset.samples == 0 {
                    place += 1
                    offset = place < offsets.count ? offsets[place] : (.max, 0)
                }
            }
        }
        return end
    }

    private mutating func readPlaces(
        _ places: BoxReader, isLong: Bool, _ chunks: BoxReader, _ sizes: BoxReader, _ size: UInt64
    ) -> Bool {
        let width = isLong ? 8 : 4
        guard let number = places.number(4, at: 4), number <= UInt64(places.count / width), let runs = chunks.number(4, at: 4),
            runs <= UInt64(chunks.count / 12), size != 0 || count <= sizes.count / 4
        else { return false }
        var (sample, run) = (0, 0)
        for chunk in 0..<Int(number) {
            // The run of chunks that contains this one.
            while run + 1 < Int(runs), let next = chunks.number(4, at: 8 + 12 * (run + 1)), next <= UInt64(chunk + 1) { run += 1 }
            guard let place = places.number(width, at: 8 + width * chunk), let samples = chunks.number(4, at: 12 + 12 * run) else { return false }
            guard samples <= UInt64(count - sample) else {
                isConsistent = false
                return true
            }
            var bytes: UInt64 = size * samples
            if size == 0 {
                for index in sample..<sample + Int(samples) { bytes += sizes.number(4, at: 12 + 4 * index) ?? 0 }
            }
            end = max(end, place.addingReportingOverflow(bytes).overflow ? .max : place + bytes)
            sample += Int(samples)
        }
        if sample != count { isConsistent = false }
        return true
    }
}
