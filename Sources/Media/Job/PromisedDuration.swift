internal import CFFmpeg

/// The duration of the used streams if nothing of the file were missing. Only something that refers to samples or bytes is a
/// promise: an index, a sample count, a size. A duration in a header alone is none, because it may be a guess, a mistake,
/// or another track's; if bytes are missing, it tells how much.
enum PromisedDuration {
    /// Formats whose header counts the samples.
    private static let counted: Set<String> = ["flac", "wv", "tta", "ape"]
    /// Formats whose header has a duration that does not change when the file is cut.
    private static let told: Set<String> = ["matroska,webm", "flv", "asf", "rm", "mxf", "ivf"]

    /// - Parameter converted: microseconds converted.
    /// - Returns: microseconds; nil if nothing is promised.
    static func of(_ plan: Plan, _ source: Demuxer, converted: Int64) -> Int64? {
        let streams = [plan.picture?.stream, plan.sound?.stream].compactMap { $0 }
        let share = source.presentShare
        if let end = streams.compactMap({ source.indexEnd($0) }).max() { return positive(end - plan.start) }
        if counted.contains(source.formatName) {
            let ends = streams.compactMap { microseconds(source.stream($0).pointee.duration, in: source.timeBase($0)) }
            return ends.max().flatMap { positive($0) }
        }
        guard share < 1 || source.brokenOff != nil else { return nil }
        if told.contains(source.formatName), let duration = header(of: streams, source, plan) { return duration }
        return share < 1 ? Int64(Double(converted) / max(0.001, share)) : nil
    }

    /// The headers' duration, as a fallback: for progress.
    static func estimate(_ plan: Plan, _ source: Demuxer) -> Int64? {
        header(of: [plan.picture?.stream, plan.sound?.stream].compactMap { $0 }, source, plan)
    }

    /// The container's duration counts if a stream has none; an unused track does not.
    private static func header(of streams: [Int], _ source: Demuxer, _ plan: Plan) -> Int64? {
        let ends = streams.map { index -> Int64? in
            if let tag = source.durationTag(index) { return tag - plan.start }
            let stream = source.stream(index).pointee
            guard let duration = microseconds(stream.duration, in: stream.time_base) else { return nil }
            // For Ogg, FFmpeg's duration is the end time.
            let start = source.formatName == "ogg" ? 0 : microseconds(stream.start_time, in: stream.time_base) ?? 0
            return start + duration - plan.start
        }
        let end = ends.contains(nil) ? nil : ends.compactMap { $0 }.max()
        return (end ?? source.duration.map { source.countsFromZero ? $0 - plan.start : $0 }).flatMap { positive($0) }
    }

    private static func positive(_ time: Int64) -> Int64? { time > 0 ? time : nil }
}
