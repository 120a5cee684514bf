internal import CFFmpeg
internal import MediaWire

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
        survey.isEdited = demuxer.isEdited
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
        guard demuxer.streamCount <= limits.streams else {
            throw MediaFailure(.overStreams, "The file has \(demuxer.streamCount) streams; \(limits.streams) are allowed.")
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
        let choice = StreamChoice(survey.info.streams, subject)
        guard !choice.chosen.isEmpty else { throw nothingToShow(subject) }
        survey.leftOut = choice.leftOut
        var pending = choice.chosen
        try demuxer.select(pending)

        var decoders: [Int: Decoder] = [:]
        for index in pending {
            do {
                // One thread: no delay between packet and frame.
                decoders[index] = try Decoder(
                    stream: demuxer.stream(index), threads: 1,
                    allowed: Prober.allowed(for: survey.info.streams[index].kind), maxPixels: limits.pixels)
            } catch let error as FFmpegError where !error.isShortage {
                leaveOut(index, "its header makes no sense")
            }
        }
        pending = Set(decoders.keys)
        var packets: [Packet] = []
        var bytes = 0
        let frame = try Frame()
        var isAtEnd = false
        // These can be one picture or many: only the second tells.
        let mayBeStill = ["gif", "apng"].contains(survey.info.container)
        while !pending.isEmpty || (mayBeStill && packets.count < 2), packets.count < Self.readAhead.packets,
            bytes < Self.readAhead.bytes
        {
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
        guard survey.picture != nil || survey.sound != nil else { throw nothingDecodes(choice.chosen) }
        if let refusal = survey.picture?.refusal { throw refusal }
        try demuxer.select(Set([survey.picture?.stream, survey.sound?.stream].compactMap { $0 }))
        survey.start = firstTimes.min() ?? demuxer.start ?? 0
    }

    /// A GIF or APNG of one picture is a picture, not a film.
    private func refuseStill(_ packets: [Packet]) throws(MediaFailure) {
        guard ["gif", "apng"].contains(survey.info.container), packets.count <= 1 else { return }
        throw MediaFailure(.forbiddenFormat, "The file is a still picture, not audio or video.")
    }

    private mutating func settle(_ frame: Frame, _ index: Int, _ decoder: Decoder, _ pending: inout Set<Int>) {
        pending.remove(index)
        if let time = frame.bestEffortTimestamp.flatMap({ microseconds($0, in: decoder.timeBase) }) {
            firstTimes.append(time)
        }
        defer { frame.unreference() }
        if survey.info.streams[index].kind == .audio {
            guard SoundFacts.isSensible(sampleRate: frame.sampleRate, channels: frame.channels) else {
                return leaveOut(index, "\(frame.channels) channels at \(frame.sampleRate) Hz make no sense")
            }
            survey.sound = SoundFacts(
                stream: index, codec: survey.info.streams[index].codec, sampleRate: frame.sampleRate,
                channels: frame.channels)
        } else {
            survey.picture = PictureFacts(frame, stream: demuxer.stream(index), info: survey.info.streams[index])
        }
    }

    /// A stream that begins far into the file: its header is all there is.
    private mutating func trustHeader(_ index: Int) {
        let info = survey.info.streams[index]
        if let sound = info.sound, SoundFacts.isSensible(sampleRate: sound.sampleRate, channels: sound.channels) {
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
