internal import CFFmpeg
internal import MediaWire

/// Looks at the first pictures of a film that could be television, and tells whether they are made of two fields that
/// nothing flags: by libavfilter's `idet`, on the middle of the picture.
struct FieldWatcher {
    /// Pictures that are looked at: two seconds tell.
    private static let pictures = 50
    /// So many must show fields, and more than show none: stills and slow scenes show nothing.
    private static let evidence = 8

    private var graph: FilterGraph?
    private var seen = 0
    private var counts = (topFirst: 0, bottomFirst: 0, progressive: 0)

    /// Enough was seen.
    var isDone: Bool { seen >= Self.pictures }

    /// Takes a decoded picture.
    /// - Throws: `Reconsideration` as soon as it is sure.
    mutating func look(at frame: Frame, timeBase: TimeBase) throws {
        guard seen < Self.pictures else { return graph = nil }
        seen += 1
        // A flagged picture is another filter's business.
        guard !frame.isInterlaced else { return }
        if graph?.fits(frame) != true {
            graph = try FilterGraph("crop=w=iw/3:h=ih:x=iw/3:y=0:exact=0,idet", like: frame, timeBase: timeBase, threads: 1)
        }
        try graph?.send(frame)
        let result = try Frame()
        while try graph?.receive(into: result) == .ready {
            switch result.metadata("lavfi.idet.multiple.current_frame") {
            case "tff": counts.topFirst += 1
            case "bff": counts.bottomFirst += 1
            case "progressive": counts.progressive += 1
            default: break
            }
            result.unreference()
        }
        let fields = max(counts.topFirst, counts.bottomFirst)
        if fields >= Self.evidence, fields > 2 * counts.progressive {
            throw Reconsideration(finding: .interlaced(topFieldFirst: counts.topFirst > counts.bottomFirst))
        }
    }
}

/// Decodes the beginning of a stream that is copied, to see whether it is made of fields.
final class FieldScout {
    private let decoder: Decoder
    private var watcher = FieldWatcher()
    private let frame: Frame

    init(_ stream: UnsafeMutablePointer<AVStream>, limits: MediaLimits) throws {
        decoder = try Decoder(
            stream: stream, threads: 1, allowed: AllowList.videoDecoders, maxPixels: limits.pixels)
        frame = try Frame()
    }

    /// Takes the next packet of the stream, or nil for its end. Throws as `FieldWatcher` does.
    func take(_ packet: Packet?) throws {
        guard !watcher.isDone else { return }
        try decoder.send(packet)
        while try decoder.receive(into: frame) == .ready {
            try watcher.look(at: frame, timeBase: decoder.timeBase)
            frame.unreference()
        }
    }
}
