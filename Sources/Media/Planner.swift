internal import CFFmpeg
internal import MediaWire

/// The product's judgement: from what a file holds and what the profile wants, what to do with each stream and why.
/// Pure: no file is touched.
struct Planner {
    let profile: Profile
    let subject: MediaSubject
    private var decisions: [PlanDecision] = []

    static func plan(_ survey: Survey, profile: Profile, subject: MediaSubject) -> Plan {
        var planner = Planner(profile: profile, subject: subject)
        let picture = survey.picture.map { planner.plan($0) }
        let sound = survey.sound.map { planner.plan($0) }
        let container: Plan.Container = picture == nil && subject != .video ? .m4a : .mp4
        planner.decide(
            nil, "write \(container == .mp4 ? "MP4" : "M4A") with the index in front",
            "every browser and phone plays it, and it starts before it is loaded")
        if !survey.info.metadataKeys.isEmpty || survey.info.chapters > 0 {
            planner.decide(nil, "drop all metadata", "it may tell where and by whom it was filmed")
        }
        return Plan(
            container: container, picture: picture, sound: sound, start: survey.start,
            decisions: planner.decisions + survey.leftOut)
    }

    private init(profile: Profile, subject: MediaSubject) {
        self.profile = profile
        self.subject = subject
    }

    private mutating func decide(_ stream: Int?, _ action: String, _ reason: String) {
        decisions.append(PlanDecision(stream: stream, action: action, reason: reason))
    }

    // MARK: Picture

    private mutating func plan(_ facts: PictureFacts) -> PicturePlan {
        let size = PictureSize(facts, maxSide: profile.video.maxSide)
        decide(
            facts.stream, "encode as H.264, \(size.width) × \(size.height)", "it is \(facts.codec), \(facts.format.name)")
        var chain = PictureChain(facts: facts, size: size, background: profile.video.background)
        for step in chain.build() { decide(facts.stream, step.action, step.reason) }
        var thinTo: Double?
        if let rate = facts.frameRate, rate > profile.video.maxFrameRate * 1.01 {
            thinTo = profile.video.maxFrameRate
            decide(
                facts.stream, "thin out to \(Int(profile.video.maxFrameRate)) pictures per second",
                "it has \(Int(rate.rounded())), more than players keep up with")
        }
        let poster = PictureSize.fitting(width: size.width, height: size.height, maxSide: profile.poster.maxSide)
        return PicturePlan(
            stream: facts.stream, width: size.width, height: size.height, filters: chain.filters,
            frameRate: min(facts.frameRate ?? 30, profile.video.maxFrameRate), thinTo: thinTo,
            posterWidth: poster.width, posterHeight: poster.height)
    }

    // MARK: Sound

    /// What every AAC decoder takes; lower rates are brought up to the lowest of them.
    private static let sampleRates = [16_000, 22_050, 24_000, 32_000, 44_100, 48_000]

    private mutating func plan(_ facts: SoundFacts) -> SoundPlan {
        let channels = max(1, min(facts.channels, profile.audio.maxChannels, 2))
        let isTooHigh = facts.sampleRate > 48_000
        let rate =
            isTooHigh
            ? (facts.sampleRate % 44_100 == 0 ? 44_100 : 48_000)
            : Self.sampleRates.first { $0 >= facts.sampleRate } ?? 48_000
        let bitrate = profile.audio.bitratePerChannel * channels
        decide(
            facts.stream, "encode as AAC, \(channels == 1 ? "mono" : "stereo"), \(bitrate / 1000) kbit/s",
            "it is \(facts.codec)")
        if channels < facts.channels {
            decide(facts.stream, "mix \(facts.channels) channels to \(channels)", "the profile has at most \(channels)")
        }
        if rate != facts.sampleRate {
            decide(facts.stream, "resample to \(rate) Hz", "AAC players do not all take \(facts.sampleRate) Hz")
        }
        return SoundPlan(stream: facts.stream, sampleRate: rate, channels: channels, bitrate: bitrate)
    }
}
