internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire
internal import Verdicts

/// Reads ahead until every chosen stream has returned a frame, then gives the packets back to the demuxer.
struct MediaAnalyzer {
    /// The maximum to read ahead: for a stream that starts later, its header is trusted.
    static let readAhead = (packets: 4000, bytes: 64 << 20)
    /// A stream without a frame after this many packets does not decode. More than the longest groups of pictures.
    private static let mostInVain = 600

    let demuxer: Demuxer
    let limits: MediaLimits
    let tick: () throws -> Void
    var analysis: MediaAnalysis
    var firstTimes: [Int64] = []
    /// What is known about each stream, and found out during the analysis.
    var tracks: [StreamChoice.Track] = []
    var scan: PacketScan?
    var sounds: [Int: AudioFacts] = [:]
    /// The ends of tracks that continue in others.
    var seams: [Int: Int64] = [:]

    /// - Parameter tick: called at every step of long operations.
    static func take(
        _ demuxer: Demuxer, subject: MediaSubject, limits: MediaLimits, tick: @escaping () throws -> Void = {}
    ) throws -> MediaAnalysis {
        var analysis = MediaAnalysis(info: Prober.describe(demuxer))
        analysis.boxes = try demuxer.boxes()
        analysis.isEdited = demuxer.isEdited
        analysis.joins = demuxer.joins.opening
        var analyzer = MediaAnalyzer(demuxer: demuxer, limits: limits, tick: tick, analysis: analysis)
        try analyzer.checkHeader()
        try analyzer.checkEncryption()
        try analyzer.scanWhereNeeded(subject)
        try analyzer.look(subject)
        try analyzer.countSound()
        if analysis.info.container == "mp3" { analyzer.analysis.frames = try demuxer.soundFrames() }
        try analyzer.checkDuration(subject)
        return analyzer.analysis
    }

    private func checkHeader() throws(Verdict) {
        let info = analysis.info
        guard info.size <= limits.inputSize else {
            throw Verdict(.tooLarge(bytes: limits.inputSize))
        }
        guard demuxer.streamCount <= limits.streams else {
            throw Verdict(.tooManyTracks(allowed: limits.streams), detail: "\(demuxer.streamCount) streams")
        }
        if analysis.boxes?.repairs?.lacksClock == true {
            throw Verdict(.damagedClock)
        }
        for case let picture? in info.streams.map(\.picture) {
            try limits.check(width: picture.width, height: picture.height)
            guard picture.dolbyVisionProfile != 5 else {
                throw Verdict(.dolbyVision5)
            }
        }
    }

    private func checkEncryption() throws(Verdict) {
        guard analysis.boxes?.isEncrypted == true || (0..<demuxer.streamCount).contains(where: demuxer.isEncrypted) else {
            return
        }
        throw Verdict(.encrypted)
    }

    // MARK: Decoding

    private mutating func look(_ subject: MediaSubject) throws {
        let (choice, decoders) = try choose(subject)
        analysis.leftOut = choice.leftOut
        analysis.remarks = choice.remarks
        try demuxer.select(choice.chosen)
        var pending = choice.chosen
        var fed: [Int: Int] = [:]
        var packets: [Packet] = []
        var bytes = 0
        let frame = try Frame()
        var isAtEnd = false
        // These can be one image or a video: only the second frame tells.
        let mayBeStill = ["gif", "apng"].contains(analysis.info.container)
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
            fed[packet.streamIndex, default: 0] += 1
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
                    leaveOut(index, "it cannot be decoded")
                }
            } else if fed[index] ?? 0 > Self.mostInVain {
                leaveOut(index, "its beginning cannot be decoded")
            } else {
                trustHeader(index)
            }
        }
        if isAtEnd { try refuseStill(packets) }
        demuxer.rewind(packets)
        try settleParts(choice)
        if let refusal = analysis.picture?.refusal { throw refusal }
        try demuxer.select(analysis.used)
        analysis.start = firstTimes.min() ?? demuxer.start ?? 0
        tellOfLateTracks(subject)
    }

    /// Chooses the tracks and opens their decoders; if one cannot be opened, chooses again without it.
    private mutating func choose(_ subject: MediaSubject) throws -> (StreamChoice, [Int: Decoder]) {
        while true {
            let choice = StreamChoice(tracks, subject)
            if let lost = choice.lostPicture { throw lost.verdict }
            guard !choice.chosen.isEmpty else { throw choice.lostSound?.verdict ?? nothingToShow(subject) }
            var decoders: [Int: Decoder] = [:]
            var hasFault = false
            for index in choice.chosen.sorted() {
                do {
                    // One thread: no delay between packet and frame.
                    decoders[index] = try Decoder(
                        stream: demuxer.stream(index), threads: 1,
                        allowed: Prober.allowed(for: analysis.info.streams[index].kind), maxPixels: limits.pixels)
                } catch let error as FFmpegError where !error.isShortage {
                    mark(index, error.isMissingSupport ? .unsupported : .damaged)
                    hasFault = true
                }
            }
            guard hasFault else { return (choice, decoders) }
        }
    }

    private mutating func mark(_ index: Int, _ fault: StreamChoice.Fault) {
        guard let place = tracks.firstIndex(where: { $0.info.index == index }) else { return }
        tracks[place].fault = fault
        if let name = demuxer.nameOfKind(index) { tracks[place].info.codec = name }
    }

    /// Recorders' containers have no audio bitrate.
    private mutating func countSound() throws {
        guard let sound = analysis.sound, sound.isLossy, analysis.info.streams[sound.stream].bitrate == nil else { return }
        analysis.sound?.bitrate = try AudioScan.bitrate(stream: sound.stream, source: demuxer.reopened(), isAlone: analysis.picture == nil)
    }

    /// A GIF or APNG with one frame is an image, not a video.
    private func refuseStill(_ packets: [Packet]) throws(Verdict) {
        guard ["gif", "apng"].contains(analysis.info.container), packets.count <= 1 else { return }
        throw Verdict(.image)
    }

    private mutating func settle(_ frame: Frame, _ index: Int, _ decoder: Decoder, _ pending: inout Set<Int>) {
        pending.remove(index)
        if let time = frame.bestEffortTimestamp.flatMap({ microseconds($0, in: decoder.timeBase) }) {
            firstTimes.append(time)
        }
        defer { frame.unreference() }
        if analysis.info.streams[index].kind == .audio {
            guard AudioFacts.isSensible(sampleRate: frame.sampleRate, channels: frame.channels) else {
                return leaveOut(index, "\(frame.channels) channels at \(frame.sampleRate) Hz are invalid")
            }
            sounds[index] = AudioFacts(
                stream: index, codec: analysis.info.streams[index].codec, sampleRate: frame.sampleRate,
                channels: frame.channels)
        } else {
            analysis.picture = VideoFacts(frame, stream: demuxer.stream(index), info: analysis.info.streams[index])
        }
    }

    /// A stream that starts far into the file: only its header is known.
    private mutating func trustHeader(_ index: Int) {
        let info = analysis.info.streams[index]
        if let sound = info.sound, AudioFacts.isSensible(sampleRate: sound.sampleRate, channels: sound.channels) {
            sounds[index] = AudioFacts(
                stream: index, codec: info.codec, sampleRate: sound.sampleRate, channels: sound.channels)
        } else if let picture = info.picture, picture.width > 0, picture.height > 0 {
            analysis.picture = VideoFacts(stream: demuxer.stream(index), info: info)
        } else {
            leaveOut(index, "its beginning cannot be decoded")
        }
    }

    private mutating func leaveOut(_ index: Int, _ reason: String) {
        analysis.leftOut.append(PlanDecision(stream: index, action: "leave out", reason: reason))
        mark(index, .damaged)
    }

    // MARK: Duration

    /// Refuses a file that is too long before decoding.
    private mutating func checkDuration(_ subject: MediaSubject) throws {
        let measured = try DurationScan.end(of: demuxer, streams: analysis.used, scan: scan, limits: limits, tick: tick)
        guard let end = measured else { return }
        let length = end - analysis.start
        guard Double(length) <= limits.duration * 1_000_000 else { throw limits.tooLong }
        // The job's timeout depends on the longer one.
        if length > Int64(analysis.info.duration ?? 0) / 10 * 11 { analysis.info.duration = Int(length) }
    }
}
