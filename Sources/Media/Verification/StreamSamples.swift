internal import CFFmpeg

/// The samples of a stream to decode as a check, by the decoding times of its packets, in its time base.
struct StreamSamples {
    /// The wanted range: every frame of it.
    var looks: [ClosedRange<Int64>]
    /// The range to decode for that, for video from a keyframe on. In order, without overlaps.
    var parts: [ClosedRange<Int64>]

    static let all = StreamSamples(looks: [Int64.min...Int64.max], parts: [Int64.min...Int64.max])

    /// The beginning, the middle and the end; for video, the middle from the preceding keyframe on.
    /// - Parameters: in microseconds.
    static func some(of index: Int, in demuxer: Demuxer, duration: Int64, look: Int64) -> StreamSamples {
        let timeBase = demuxer.timeBase(index)
        func time(_ microseconds: Int64) -> Int64 { rescale(microseconds, from: .microseconds, to: timeBase) }
        var middle = time(duration / 2)
        let end = time(duration - look)
        var lastStart = end
        if demuxer.stream(index).pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO {
            // Without an index, the possible starting points are unknown.
            guard let before = demuxer.keyframe(of: index, before: middle), let last = demuxer.keyframe(of: index, before: end)
            else { return all }
            (middle, lastStart) = (before, last)
        }
        let (first, second) = (Int64.min...time(look), middle...(middle + time(look)))
        var samples = StreamSamples(looks: [first, second, end...Int64.max], parts: [])
        for part in [first, second, lastStart...Int64.max] { samples.add(part) }
        return samples
    }

    private mutating func add(_ part: ClosedRange<Int64>) {
        if let before = parts.last, part.lowerBound <= before.upperBound {
            parts[parts.count - 1] = before.lowerBound...max(before.upperBound, part.upperBound)
        } else {
            parts.append(part)
        }
    }
}
