internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire
internal import Verdicts

/// Rewrites a source without metadata about its maker: the same video and audio packets in the same kind of
/// container, and nothing else — no metadata, chapters, subtitles, data tracks, covers or vendor boxes.
struct MetadataStripper {
    private let source: Demuxer
    private let output: CInt
    private let limit: Int
    private let teller: ProgressReporter

    init(source: Demuxer, output: CInt, limits: MediaLimits, teller: ProgressReporter) {
        self.source = source
        self.output = output
        limit = limits.inputSize
        self.teller = teller
    }

    /// - Throws: `Verdict` with code `unsupportedCodec` if the container cannot be written.
    func run() throws {
        let info = Prober.describe(source)
        let streams = info.streams.filter { $0.kind == .video || $0.kind == .audio }.map(\.index)
        guard let format = format(info) else {
            throw Verdict(.unstrippableContainer(info.container))
        }
        guard streams.allSatisfy({ $0 < source.streamCount }) else {
            throw Verdict(.unstrippableCodec)
        }
        try source.select(Set(streams))
        source.keepStoredTimes()
        let muxer = try Muxer(descriptor: output, format: format, outputLimit: limit)
        var outputs: [Int: Int] = [:]
        for index in streams { outputs[index] = try muxer.addStream(copying: source.stream(index)) }
        try muxer.start()
        try teller.enter(.transcoding, total: source.duration)
        while let packet = try source.next() {
            guard let output = outputs[packet.streamIndex] else { continue }
            let timeBase = source.timeBase(packet.streamIndex)
            let done = rescale(packet.dts ?? 0, from: timeBase, to: .microseconds)
            try teller.step(done: max(0, done))
            try muxer.write(packet, stream: output, timeBase: timeBase)
        }
        try muxer.finish()
    }

    private static let codecsOfWebM: Set<String> = ["vp8", "vp9", "av1", "opus", "vorbis"]

    /// FFmpeg's muxer for the format that was read; nil if there is none.
    private func format(_ info: MediaInfo) -> String? {
        switch info.container {
        case "mov,mp4,m4a,3gp,3g2,mj2":
            switch source.metadata("major_brand") {
            case nil, "qt  "?: "mov"
            case let brand? where brand.hasPrefix("3g"): "3gp"
            default: "mp4"
            }
        case "matroska,webm":
            info.streams.allSatisfy { $0.picture == nil && $0.sound == nil || Self.codecsOfWebM.contains($0.codec) }
                ? "webm" : "matroska"
        case "mpegts", "avi", "flv", "asf", "mp3", "wav", "aiff", "flac", "ogg", "caf", "mxf", "amr", "au", "w64": info.container
        case "mpeg": "vob"
        case "aac": "adts"
        default: nil
        }
    }
}
