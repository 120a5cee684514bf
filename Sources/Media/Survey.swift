internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// What a file really holds: its headers, and the first picture and the first sound that decode, for headers lie.
struct Survey {
    var info: MediaInfo
    var picture: PictureFacts?
    var sound: SoundFacts?
    /// Microseconds of the source's clock at which the earlier of both begins: zero of the output.
    var start: Int64 = 0
    /// Streams that are not used, and why.
    var leftOut: [PlanDecision] = []
    /// Nil where the file is no MP4.
    var boxes: MovieBoxes?

    /// Whether the file says more than what is seen and heard.
    var tellsMore: Bool {
        let harmless: Set<String> = [
            "major_brand", "minor_version", "compatible_brands", "encoder", "creation_time", "duration", "handler_name",
        ]
        return info.chapters > 0 || boxes?.extras.isEmpty == false
            || info.metadataKeys.contains { !harmless.contains($0.lowercased()) }
    }
}

/// A picture stream, as its first decoded frame shows it.
struct PictureFacts {
    var stream: Int
    var codec: String
    /// Pixels as coded.
    var width: Int
    var height: Int
    var pixelShape: AVRational
    var format: AVPixelFormat
    var colour: Colour
    var orientation: Orientation
    var isInterlaced: Bool
    var frameRate: Double?
    /// cd/m² of the brightest point, as far as the film tells.
    var peakLuminance: Double?
    /// "tff" or "bff" where the fields are not flagged and every picture is to be deinterlaced.
    var unflaggedField: String?

    /// Interlaced film has the lines and the rate of television.
    var couldBeTelevision: Bool {
        height >= 480 && (frameRate ?? 25) <= 30.5
    }
}

/// A sound stream, as its first decoded frame shows it.
struct SoundFacts {
    var stream: Int
    var codec: String
    var sampleRate: Int
    var channels: Int

    var isLossy: Bool {
        let lossless = ["flac", "alac", "wavpack", "tta", "ape", "truehd", "mlp", "wmalossless", "ralf"]
        return !codec.hasPrefix("pcm_") && !lossless.contains(codec)
    }
}

/// Reads ahead until every chosen stream has given a frame, then hands the packets back to the demuxer.
struct Surveyor {
    /// What is read ahead at most: a stream that starts later is taken at its header's word.
    static let readAhead = (packets: 4000, bytes: 64 << 20)

    private let demuxer: Demuxer
    private let limits: MediaLimits
    private var survey: Survey
    private var firstTimes: [Int64] = []

    static func take(_ demuxer: Demuxer, subject: MediaSubject, limits: MediaLimits) throws -> Survey {
        var survey = Survey(info: Prober.describe(demuxer))
        survey.boxes = try demuxer.boxes()
        var surveyor = Surveyor(demuxer: demuxer, limits: limits, survey: survey)
        try surveyor.checkHeader()
        try surveyor.look(subject)
        return surveyor.survey
    }

    private func checkHeader() throws(MediaFailure) {
        let info = survey.info
        guard info.size <= limits.inputSize else {
            throw MediaFailure(.overInputSize, "The file is larger than \(limits.inputSize) bytes.")
        }
        guard info.streams.count <= limits.streams else {
            throw MediaFailure(.overStreams, "The file has \(info.streams.count) streams; \(limits.streams) are allowed.")
        }
        for case let picture? in info.streams.map(\.picture) {
            try limits.check(width: picture.width, height: picture.height)
            guard picture.dolbyVisionProfile != 5 else {
                throw MediaFailure(
                    .unsupportedCodec,
                    "The film is in Dolby Vision profile 5, whose colours can only be shown by licensed players.")
            }
        }
    }

    private func checkEncryption() throws(MediaFailure) {
        guard survey.boxes?.isEncrypted == true || (0..<demuxer.streamCount).contains(where: demuxer.isEncrypted) else {
            return
        }
        throw MediaFailure(.encrypted, "The file is encrypted; it can only be played by who has its key.")
    }

    private mutating func look(_ subject: MediaSubject) throws {
        try checkEncryption()
        let pictures = candidates(.video).sorted { Self.isBetter(picture: $0, than: $1) }
        let sounds = candidates(.audio).sorted { Self.isBetter(sound: $0, than: $1) }
        let picture = subject == .audio ? nil : pictures.first
        var pending = Set([picture?.index, sounds.first?.index].compactMap { $0 })
        guard !pending.isEmpty else { throw nothingToShow(subject) }
        noteLeftOut(subject, chosen: pending)
        demuxer.select(pending)

        var decoders: [Int: Decoder] = [:]
        for index in pending {
            // One thread: no delay between packet and frame.
            decoders[index] = try Decoder(
                stream: demuxer.stream(index), threads: 1, allowed: Prober.allowed(for: survey.info.streams[index].kind),
                maxPixels: limits.pixels)
        }
        let chosen = pending
        var packets: [Packet] = []
        var bytes = 0
        let frame = try Frame()
        var isAtEnd = false
        // These can be one picture or many: only the second tells.
        let mayBeStill = ["gif", "apng"].contains(survey.info.container)
        while !pending.isEmpty || (mayBeStill && packets.count < 2), packets.count < Self.readAhead.packets, bytes < Self.readAhead.bytes {
            guard let packet = try demuxer.next() else {
                isAtEnd = true
                break
            }
            packets.append(packet)
            bytes += packet.size
            guard pending.contains(packet.streamIndex), let decoder = decoders[packet.streamIndex] else { continue }
            try decoder.send(packet)
            if try decoder.receive(into: frame) == .ready { settle(frame, packet.streamIndex, decoder, &pending) }
        }
        for index in pending.sorted() {
            guard let decoder = decoders[index] else { continue }
            if isAtEnd {
                try decoder.send(nil)
                if try decoder.receive(into: frame) == .ready {
                    settle(frame, index, decoder, &pending)
                } else {
                    leaveOut(index, "nothing in it decodes")
                }
            } else {
                trustHeader(index)
            }
        }
        if isAtEnd { try refuseStill(packets) }
        demuxer.rewind(packets)
        guard survey.picture != nil || survey.sound != nil else { throw nothingDecodes(chosen) }
        demuxer.select(Set([survey.picture?.stream, survey.sound?.stream].compactMap { $0 }))
        survey.start = firstTimes.min() ?? demuxer.start ?? 0
    }

    /// A GIF or APNG of one picture is a picture, not a film.
    private func refuseStill(_ packets: [Packet]) throws(MediaFailure) {
        guard ["gif", "apng"].contains(survey.info.container), packets.count <= 1 else { return }
        throw MediaFailure(.forbiddenFormat, "The file is a still picture, not audio or video.")
    }

    private mutating func settle(_ frame: Frame, _ index: Int, _ decoder: Decoder, _ pending: inout Set<Int>) {
        pending.remove(index)
        if let time = frame.bestEffortTimestamp {
            firstTimes.append(rescale(time, from: decoder.timeBase, to: .microseconds))
        }
        if survey.info.streams[index].kind == .audio {
            survey.sound = SoundFacts(
                stream: index, codec: survey.info.streams[index].codec, sampleRate: frame.sampleRate,
                channels: frame.channels)
        } else {
            survey.picture = PictureFacts(frame, stream: demuxer.stream(index), info: survey.info.streams[index])
        }
        frame.unreference()
    }

    /// A stream that begins far into the file: its header is all there is.
    private mutating func trustHeader(_ index: Int) {
        let info = survey.info.streams[index]
        if let sound = info.sound, sound.sampleRate > 0, sound.channels > 0 {
            survey.sound = SoundFacts(
                stream: index, codec: info.codec, sampleRate: sound.sampleRate, channels: sound.channels)
        } else if let picture = info.picture, picture.width > 0, picture.height > 0 {
            survey.picture = PictureFacts(stream: demuxer.stream(index), info: info)
        } else {
            leaveOut(index, "nothing in its beginning decodes")
        }
    }

    private mutating func leaveOut(_ index: Int, _ reason: String) {
        survey.leftOut.append(PlanDecision(stream: index, action: "leave out", reason: reason))
    }

    private mutating func noteLeftOut(_ subject: MediaSubject, chosen: Set<Int>) {
        for stream in survey.info.streams where !chosen.contains(stream.index) {
            let reason =
                switch stream.kind {
                case .video where subject == .audio: "only sound is played here"
                case .video, .audio: stream.isDecodable ? "another track is better" : "its codec cannot be read here"
                case .cover: "a picture that belongs to the sound, not a film"
                case .subtitle: "subtitles are not kept"
                case .data: "data tracks may tell where and by whom it was filmed"
                }
            leaveOut(stream.index, reason)
        }
    }

    private func candidates(_ kind: StreamInfo.Kind) -> [StreamInfo] {
        survey.info.streams.filter { $0.kind == kind && $0.isDecodable }
    }

    private static func isBetter(picture a: StreamInfo, than b: StreamInfo) -> Bool {
        if a.isAlternative != b.isAlternative { return b.isAlternative }
        if a.isDefault != b.isDefault { return a.isDefault }
        let (areaA, areaB) = ((a.picture?.width ?? 0) * (a.picture?.height ?? 0), (b.picture?.width ?? 0) * (b.picture?.height ?? 0))
        return areaA != areaB ? areaA > areaB : a.index < b.index
    }

    private static func isBetter(sound a: StreamInfo, than b: StreamInfo) -> Bool {
        if a.isAlternative != b.isAlternative { return b.isAlternative }
        if a.isDefault != b.isDefault { return a.isDefault }
        let (channelsA, channelsB) = (a.sound?.channels ?? 0, b.sound?.channels ?? 0)
        return channelsA != channelsB ? channelsA > channelsB : a.index < b.index
    }

    private func nothingToShow(_ subject: MediaSubject) -> MediaFailure {
        let streams = survey.info.streams
        if let codec = streams.first(where: { ($0.kind == .video || $0.kind == .audio) && !$0.isDecodable })?.codec {
            return MediaFailure(.unsupportedCodec, "The file uses a codec that cannot be read here (\(codec)).")
        }
        let missing = subject == .audio ? "sound" : "picture or sound"
        return MediaFailure(.noAudioVideo, "There is no \(missing) in the file.", detail: FFmpegLog.lastLines())
    }

    private func nothingDecodes(_ chosen: Set<Int>) -> MediaFailure {
        let codecs = chosen.sorted().map { survey.info.streams[$0].codec }.joined(separator: ", ")
        return MediaFailure(
            .damaged, "The file is damaged: nothing in it decodes (\(codecs)).", detail: FFmpegLog.lastLines())
    }
}

extension MediaLimits {
    var tooManyFrames: MediaFailure {
        MediaFailure(.overFrames, "The film has more than \(frames) pictures.")
    }

    func check(width: Int, height: Int) throws(MediaFailure) {
        guard width <= side, height <= side, width.multipliedReportingOverflow(by: height).partialValue <= pixels else {
            throw MediaFailure(
                .overPixels,
                "The picture is too large: \(width) × \(height); at most \(side) a side and \(pixels / 1_000_000) megapixels are allowed."
            )
        }
    }
}
