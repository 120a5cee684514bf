internal import CFFmpeg
internal import MediaWire
internal import Verdicts

/// The decisions: from a file's content and the profile, what to do with each stream and why.
/// Pure: no file is touched.
struct Planner {
    private let analysis: MediaAnalysis
    private let request: MediaRequest
    private let findings: Set<ReplanRequest.Finding>
    private var judge: CopyEligibility
    private var decisions: [PlanDecision] = []
    /// Whether every stream plays everywhere unchanged, despite the profile's objections.
    private var streamsPlayAnyway = true
    private var profile: Profile { request.profile }

    /// - Parameter findings: results of earlier work on this file.
    static func plan(_ analysis: MediaAnalysis, _ request: MediaRequest, findings: Set<ReplanRequest.Finding> = []) -> Plan {
        var planner = Planner(analysis: analysis, request: request, findings: findings)
        return planner.plan()
    }

    private init(analysis: MediaAnalysis, request: MediaRequest, findings: Set<ReplanRequest.Finding>) {
        self.analysis = analysis
        self.request = request
        self.findings = findings
        judge = CopyEligibility(profile: request.profile, info: analysis.info)
    }

    private mutating func decide(_ stream: Int?, _ action: String, _ reason: String) {
        decisions.append(PlanDecision(stream: stream, action: action, reason: reason))
    }

    private mutating func plan() -> Plan {
        var picture: VideoPlan?
        if let facts = analysis.picture {
            picture = plan(facts)
        }
        let isSoundAlone = picture == nil && request.subject != .video
        judge.takesMP3 = isSoundAlone && request.takesMP3
        judge.isNamedOtherwise = isSoundAlone && !request.takesMP3
        var sound: AudioPlan?
        var remarks = analysis.remarks
        if let surveyed = analysis.sound {
            let facts = findings.contains(.soundNotJoinable) ? surveyed.first : surveyed
            if findings.contains(.soundEmpty) {
                decide(facts.stream, "leave out", "it cannot be decoded")
                remarks.append(.undecodable(.sound, codec: facts.codec))
            } else {
                sound = plan(facts)
            }
        }
        let isMP3 = sound?.isCopied == true && analysis.sound?.codec == "mp3"
        let container: OutputContainer = isMP3 ? .mp3 : isSoundAlone ? .m4a : .mp4
        var plan = Plan(container: container, picture: picture, sound: sound, start: analysis.start, decisions: [])
        plan.joins = analysis.joins
        plan.remarks = remarks
        if picture == nil, request.wantsPoster, request.subject != .audio { plan.stillPoster = planStillPoster() }
        plan.keepsSource = keepsSource(plan)
        plan.sourcePlaysEverywhere = streamsPlayAnyway && objectionToFile(plan) == nil
        plan.sourceIsMP3 = analysis.info.container == "mp3"
        plan.outputSize = OutputEstimate(info: analysis.info, profile: profile).bytes(plan)
        plan.decisions = decisions + analysis.joined + analysis.leftOut
        return plan
    }

    // MARK: The file

    private mutating func keepsSource(_ plan: Plan) -> Bool {
        if let objection = objectionToKeeping(plan) {
            let action = plan.container == .mp3 ? "write MP3 with a table in front" : "write \(plan.container == .mp4 ? "MP4" : "M4A") with the index in front"
            decide(nil, action, objection)
            if tellsMore { decide(nil, "drop all metadata", "it may reveal location and author") }
            return false
        }
        decide(nil, "keep the file as it is", "it matches the profile")
        return true
    }

    private func objectionToParts(_ stream: Int) -> Objection? {
        analysis.joins.heads.values.contains(stream) ? Objection("it continues in another track") : nil
    }

    private var tellsMore: Bool { analysis.tellsMore || findings.contains(.pictureHasNotes) }

    private func objectionToKeeping(_ plan: Plan) -> String? {
        if plan.picture?.isCopied == false || plan.sound?.isCopied == false { return "so it plays everywhere" }
        return objectionToFile(plan)
    }

    private func objectionToFile(_ plan: Plan) -> String? {
        if tellsMore || !analysis.leftOut.isEmpty { return "it contains more than the video and audio" }
        if let frames = analysis.frames, plan.container != .mp4 {
            return request.sourceExtension == "mp3" ? frames.objection : "its file extension does not match its type"
        }
        guard let boxes = analysis.boxes, !boxes.isFragmented, boxes.isOfKnownBrand else {
            return "its container (\(analysis.info.container)) is not supported by every player"
        }
        if !boxes.isIndexInFront { return "its index is at the end: it plays only after it is loaded completely" }
        let extensions = plan.container == .mp4 ? ["mp4", "m4v"] : ["m4a"]
        guard let name = request.sourceExtension, extensions.contains(name) else {
            return "its file extension does not match its type"
        }
        guard let header = boxes.header else { return "its header is invalid" }
        let judge = MovieHeaderCheck(
            header: header, picture: plan.picture == nil ? nil : analysis.picture, sound: plan.sound == nil ? nil : analysis.sound,
            fileSize: analysis.info.size)
        if let objection = judge.objection() { return objection }
        if findings.contains(.indexIsWrong) { return "its index does not match its keyframes" }
        return nil
    }

    private mutating func planStillPoster() -> Plan.StillPoster {
        let covers = analysis.info.streams.filter { $0.kind == .cover && $0.isDecodable }
        guard let cover = covers.first else {
            decide(nil, "draw the waveform as poster", "there is neither video nor a cover")
            return .waveform
        }
        decide(cover.index, "use the cover as poster", "there is no video")
        return .cover(stream: cover.index)
    }

    private var objectionToEdits: Objection? {
        analysis.isEdited ? Objection("an edit list assembles it from several parts, which not every player supports") : nil
    }

    // MARK: Picture

    private mutating func plan(_ surveyed: VideoFacts) -> VideoPlan {
        var facts = surveyed
        var objection = judge.objection(to: facts) ?? objectionToEdits ?? objectionToParts(facts.stream)
        var fieldsSince: (time: Int64, topFieldFirst: Bool)?
        for finding in findings {
            if case .pictureNotCopyable(let reason) = finding { objection = Objection(reason) }
            if case .interlaced(let topFieldFirst, let since) = finding {
                facts.isInterlaced = true
                if let since { fieldsSince = (since, topFieldFirst) } else { facts.unflaggedField = topFieldFirst ? "tff" : "bff" }
                let beginning = since.map { "from \(Double($0 / 100_000) / 10) s on " } ?? ""
                objection = Objection("its frames are \(beginning)made of two fields, the \(topFieldFirst ? "upper" : "lower") first")
            }
        }
        let size = FrameSize(facts, maxSide: profile.video.maxSide)
        var chain = VideoFilterChain(facts: facts, size: size, background: profile.video.background, maxFrameRate: profile.video.maxFrameRate)
        let steps = chain.build()
        if let objection {
            decide(facts.stream, "encode as H.264, \(size.width) × \(size.height)", objection.reason)
            streamsPlayAnyway = streamsPlayAnyway && objection.playsAnyway
            for step in steps { decide(facts.stream, step.action, step.reason) }
        } else {
            decide(facts.stream, "copy", "it matches the profile")
        }
        var thinTo: Double?
        let maxFrameRate = profile.video.maxFrameRate
        let perFrame = facts.picturesPerFrame(maxFrameRate: maxFrameRate)
        // If interlacing starts midway, frames were counted.
        let isSlow = facts.isInterlaced || 2 * (facts.frameRate ?? 30) <= maxFrameRate * 1.01
        if let rate = facts.storedFrameRate, rate > maxFrameRate * 1.01 {
            thinTo = profile.video.maxFrameRate
            decide(
                facts.stream, "reduce to \(Int(profile.video.maxFrameRate)) frames per second",
                "its header says \(Int(rate.rounded())), more than many players can handle")
        }
        return VideoPlan(
            stream: facts.stream, facts: facts, isCopied: objection == nil,
            removesNotes: findings.contains(.pictureHasNotes), repairsIndex: findings.contains(.indexIsWrong), size: size, background: profile.video.background,
            maxFrameRate: isSlow ? maxFrameRate : 0,
            frameRate: min((facts.storedFrameRate ?? 30) * Double(perFrame), maxFrameRate), picturesPerFrame: perFrame,
            thinTo: thinTo, fieldsSince: fieldsSince,
            watchesForFields: !facts.isInterlaced && facts.couldBeTelevision)
    }

    // MARK: Audio

    private mutating func plan(_ surveyed: AudioFacts) -> AudioPlan {
        var facts = surveyed
        for case .soundGainsOnTheWay(let channels, let rate) in findings { (facts.channels, facts.sampleRate) = (channels, rate) }
        let channels = max(1, min(facts.channels, profile.audio.maxChannels, 2))
        var objection = judge.objection(to: facts) ?? objectionToEdits ?? objectionToParts(facts.stream)
        if !facts.others.isEmpty { objection = Objection("each of its channels is in a separate track") }
        for case .soundNotCopyable(let reason) in findings { objection = Objection(reason) }
        let budget = AudioBitrate(facts, analysis.info.streams[facts.stream], profile.audio)
        let rate = budget.sampleRate
        let bitrate = budget.bitrate(channels: channels)
        let plan = AudioPlan(
            stream: facts.stream, tracks: surveyed.tracks, isCopied: objection == nil,
            sampleRate: rate, channels: channels, sourceRate: facts.sampleRate, sourceChannels: facts.channels, bitrate: bitrate,
            correctsLoudness: objection != nil && profile.audio.loudness != .off, isCautious: findings.contains(.soundClips))
        guard let objection else {
            decide(facts.stream, "copy", "it matches the profile")
            return plan
        }
        streamsPlayAnyway = streamsPlayAnyway && objection.playsAnyway
        decide(
            facts.stream, "encode as AAC, \(channels == 1 ? "mono" : "stereo"), \(bitrate / 1000) kbit/s",
            objection.reason)
        if !facts.others.isEmpty {
            let names = facts.others.map { "\($0)" }.joined(separator: ", ")
            decide(facts.stream, "join with stream \(names)", "each has one channel of the same audio")
        }
        if channels < facts.channels {
            decide(facts.stream, "mix \(facts.channels) channels to \(channels)", "the profile has at most \(channels)")
        }
        if rate != facts.sampleRate {
            let isUsual = AudioPlan.sampleRates.contains(facts.sampleRate)
            decide(
                facts.stream, "resample to \(rate) Hz",
                isUsual ? "its bitrate is too low for more" : "not all AAC players support \(facts.sampleRate) Hz")
        }
        if plan.correctsLoudness {
            decide(
                facts.stream, "measure the loudness, and normalise it if it is more than 3 LU off",
                "all files should play equally loud: \(profile.audio.loudnessTarget) LUFS")
        }
        return plan
    }
}
