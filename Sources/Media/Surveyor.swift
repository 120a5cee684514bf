internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// Reads ahead until every chosen stream has given a frame, then hands the packets back to the demuxer.
struct Surveyor {
    /// What is read ahead at most: a stream that starts later is taken at its header's word.
    static let readAhead = (packets: 4000, bytes: 64 << 20)
    /// A stream of which so many packets give nothing does not decode. More than the longest groups of pictures have.
    private static let mostInVain = 600

    private let demuxer: Demuxer
    private let limits: MediaLimits
    private let tick: () throws -> Void
    private var survey: Survey
    private var firstTimes: [Int64] = []
    /// What is known of each stream, and what comes to light of it.
    private var tracks: [StreamChoice.Track] = []
    private var scan: PacketScan?
    private var sounds: [Int: SoundFacts] = [:]
    /// Where tracks end that go on in others.
    private var seams: [Int: Int64] = [:]

    /// - Parameter tick: called at every step of what may take long.
    static func take(
        _ demuxer: Demuxer, subject: MediaSubject, limits: MediaLimits, tick: @escaping () throws -> Void = {}
    ) throws -> Survey {
        var survey = Survey(info: Prober.describe(demuxer))
        survey.boxes = try demuxer.boxes()
        survey.isEdited = demuxer.isEdited
        survey.joins.reach = demuxer.reach
        var surveyor = Surveyor(demuxer: demuxer, limits: limits, tick: tick, survey: survey)
        try surveyor.checkHeader()
        try surveyor.checkEncryption()
        try surveyor.scanWhereNeeded(subject)
        try surveyor.look(subject)
        try surveyor.countSound()
        if survey.info.container == "mp3" { surveyor.survey.frames = try demuxer.soundFrames() }
        try surveyor.checkDuration(subject)
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
        if survey.boxes?.mends?.lacksClock == true {
            throw MediaFailure(.damaged, "The file is damaged: its header does not say how fast the time of a track runs.")
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

    // MARK: Tracks

    /// Where streams may begin on the way, and where no header says which of several pictures is the film.
    /// - Throws: `LateStream` where the picture begins behind what was looked at.
    private mutating func scanWhereNeeded(_ subject: MediaSubject) throws {
        let pictures = survey.info.streams.filter { $0.kind == .video && !$0.isAlternative }
        let isOpenEnded = demuxer.mayGainStreams
        guard isOpenEnded || (pictures.count > 1 && demuxer.indexed(pictures[0].index) == nil) else { return describeTracks() }
        let other = try demuxer.reopened()
        var scan = try PacketScan(other, tick: tick)
        if subject != .audio, !pictures.contains(where: { $0.picture?.width ?? 0 > 0 }), demuxer.reach == 0, let place = scan.firstPicture {
            throw LateStream(place: place)
        }
        if isOpenEnded, !scan.joins.heads.isEmpty {
            survey.joins = scan.joins
            survey.joins.reach = demuxer.reach
            demuxer.join(survey.joins)
            // Once more, now that all parts of a track count on one clock.
            let joined = try demuxer.reopened()
            joined.join(survey.joins)
            let first = scan
            scan = try PacketScan(joined, tick: tick)
            for (late, head) in survey.joins.heads.sorted(by: { $0.key < $1.key }) where first.tracks[late] != nil {
                seams[head] = seams[head] ?? first.tracks[head]?.end
                survey.joined.append(PlanDecision(stream: late, action: "join to stream \(head)", reason: "it begins where that ends"))
            }
        }
        self.scan = scan
        describeTracks()
    }

    private mutating func describeTracks() {
        tracks = survey.info.streams.filter { survey.joins.heads[$0.index] == nil }.map { info in
            guard info.index < demuxer.streamCount else {
                return StreamChoice.Track(info: info, extent: TrackExtent(duration: survey.info.duration.map { Int64($0) } ?? 0, pictures: 1000))
            }
            var extent = demuxer.indexed(info.index)?.extent ?? demuxer.promised(info.index)
            if let seen = scan?.tracks[info.index], let start = seen.start, let end = seen.end {
                extent = TrackExtent(duration: end - start, pictures: seen.packets)
            }
            var track = StreamChoice.Track(info: info, extent: extent)
            track.title = demuxer.title(info.index)
            return track
        }
    }

    private func extent(of index: Int) -> TrackExtent? { tracks.first { $0.info.index == index }?.extent }

    // MARK: Decoding

    private mutating func look(_ subject: MediaSubject) throws {
        let (choice, decoders) = try choose(subject)
        survey.leftOut = choice.leftOut
        survey.remarks = choice.remarks
        try demuxer.select(choice.chosen)
        var pending = choice.chosen
        var fed: [Int: Int] = [:]
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
                    leaveOut(index, "nothing in it decodes")
                }
            } else if fed[index] ?? 0 > Self.mostInVain {
                leaveOut(index, "nothing in its beginning decodes")
            } else {
                trustHeader(index)
            }
        }
        if isAtEnd { try refuseStill(packets) }
        demuxer.rewind(packets)
        try settleParts(choice)
        if let refusal = survey.picture?.refusal { throw refusal }
        try demuxer.select(survey.used)
        survey.start = firstTimes.min() ?? demuxer.start ?? 0
        tellOfLateTracks(subject)
    }

    /// Chooses the tracks and opens their decoders; where one cannot be opened, chooses again without it.
    private mutating func choose(_ subject: MediaSubject) throws -> (StreamChoice, [Int: Decoder]) {
        while true {
            let choice = StreamChoice(tracks, subject)
            if let lost = choice.lostPicture { throw lost.failure }
            guard !choice.chosen.isEmpty else { throw choice.lostSound?.failure ?? nothingToShow(subject) }
            var decoders: [Int: Decoder] = [:]
            var hasFault = false
            for index in choice.chosen.sorted() {
                do {
                    // One thread: no delay between packet and frame.
                    decoders[index] = try Decoder(
                        stream: demuxer.stream(index), threads: 1,
                        allowed: Prober.allowed(for: survey.info.streams[index].kind), maxPixels: limits.pixels)
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

    /// Containers of recorders do not say how many bits a second their sound takes.
    private mutating func countSound() throws {
        guard let sound = survey.sound, sound.isLossy, survey.info.streams[sound.stream].bitrate == nil else { return }
        survey.sound?.bitrate = try SoundScan.bitrate(stream: sound.stream, source: demuxer.reopened(), isAlone: survey.picture == nil)
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
            sounds[index] = SoundFacts(
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
            sounds[index] = SoundFacts(
                stream: index, codec: info.codec, sampleRate: sound.sampleRate, channels: sound.channels)
        } else if let picture = info.picture, picture.width > 0, picture.height > 0 {
            survey.picture = PictureFacts(stream: demuxer.stream(index), info: info)
        } else {
            leaveOut(index, "nothing in its beginning decodes")
        }
    }

    private mutating func leaveOut(_ index: Int, _ reason: String) {
        survey.leftOut.append(PlanDecision(stream: index, action: "leave out", reason: reason))
        mark(index, .damaged)
    }

    // MARK: What is lost

    /// A film without its picture is none; without its sound it is told.
    private mutating func settleParts(_ choice: StreamChoice) throws {
        let parts = choice.sound.compactMap { sounds[$0] }
        if let first = parts.first {
            let areAlike = parts.allSatisfy { $0.channels == 1 && $0.sampleRate == first.sampleRate }
            survey.sound = parts.count > 1 && areAlike ? first.joined(parts.map(\.stream), layout: layout(of: parts)) : first
        }
        if let picture = choice.picture, survey.picture == nil {
            throw tracks.first { $0.info.index == picture }?.failure ?? nothingToShow(.any)
        }
        guard survey.picture != nil || survey.sound != nil else { throw nothingDecodes(choice.chosen) }
        if let lost = choice.lostSound {
            survey.remarks.append(lost.remark(.sound))
        } else if parts.count < choice.sound.count, let lost = tracks.first(where: { choice.sound.contains($0.info.index) && $0.fault != nil }) {
            survey.remarks.append(lost.remark(.sound))
        }
    }

    /// FFmpeg's name of the layout that tracks of one channel make; nil for left and right.
    private func layout(of parts: [SoundFacts]) -> String? {
        guard parts.count > 2 else { return nil }
        return parts.compactMap { part in tracks.first { $0.info.index == part.stream }.flatMap(MonoTracks.place) }.joined(separator: "+")
    }

    /// Tracks of the file that begin on the way, and hold what would be missed.
    private mutating func tellOfLateTracks(_ subject: MediaSubject) {
        guard let scan, demuxer.mayGainStreams else { return }
        if let seam = survey.used.compactMap({ seams[$0] }).min() { survey.remarks.append(.joined(time: Int(seam - survey.start))) }
        for (part, kind, used) in [(Remark.Part.picture, StreamInfo.Kind.video, survey.picture?.stream), (.sound, .audio, survey.sound?.stream)] {
            guard part == .sound || subject != .audio, !survey.remarks.contains(where: { $0.isLoss(of: part) }) else { continue }
            let late = scan.tracks.filter { $0.value.kind == kind && $0.key != used && isMissed($0.key, used: used, scan) }
            guard let (index, track) = late.min(by: { ($0.value.first, $0.key) < ($1.value.first, $1.key) }) else { continue }
            let time = used.flatMap { scan.tracks[$0]?.end } ?? track.start ?? survey.start
            let codec = track.codec == AV_CODEC_ID_NONE ? "unknown" : String(cString: avcodec_get_name(track.codec))
            survey.remarks.append(.leftOutFrom(part, codec: codec, time: Int(time - survey.start)))
            if index >= survey.info.streams.count {
                survey.leftOut.append(PlanDecision(stream: index, action: "leave out", reason: "it begins on the way (\(codec))"))
            }
        }
    }

    /// What begins where the used track ends; and where none is used, what was not there when the file was opened.
    private func isMissed(_ index: Int, used: Int?, _ scan: PacketScan) -> Bool {
        if let used { return scan.complement(index, used) }
        return index >= demuxer.streamCount
    }

    private func nothingToShow(_ subject: MediaSubject) -> MediaFailure {
        let missing = subject == .audio ? "sound" : "picture or sound"
        return MediaFailure(.noAudioVideo, "There is no \(missing) in the file.", detail: FFmpegLog.lastLines())
    }

    private func nothingDecodes(_ chosen: Set<Int>) -> MediaFailure {
        let codecs = chosen.sorted().map { survey.info.streams[$0].codec }.joined(separator: ", ")
        return MediaFailure(
            .damaged, "The file is damaged: nothing in it decodes (\(codecs)).", detail: FFmpegLog.lastLines())
    }

    // MARK: Duration

    /// Refuses a film that is too long before anything is decoded of it.
    private mutating func checkDuration(_ subject: MediaSubject) throws {
        let measured = try DurationScan.end(of: demuxer, streams: survey.used, scan: scan, limits: limits, tick: tick)
        guard let end = measured else { return }
        let length = end - survey.start
        guard Double(length) <= limits.duration * 1_000_000 else { throw limits.tooLong }
        // The clock of the work goes by the longer one.
        if length > Int64(survey.info.duration ?? 0) / 10 * 11 { survey.info.duration = Int(length) }
    }
}

extension Remark {
    func isLoss(of part: Part) -> Bool {
        switch self {
        case .unsupported(let lost, _), .undecodable(let lost, _): lost == part
        case .cutShort, .replaced, .leftOutFrom, .joined, .earlier: false
        }
    }
}
