internal import MediaWire

/// The bitrate of encoded audio: as high as the source's, converted to AAC-LC; more would gain nothing.
struct AudioBitrate {
    /// The source's bitrate; nil if it is lossless, or unknown.
    let spent: Int?
    /// The efficiency of the source's codec relative to AAC-LC.
    let efficiency: Double
    /// Hz.
    let sourceRate: Int
    let sourceChannels: Int
    let profile: AudioProfile

    init(_ facts: AudioFacts, _ info: StreamInfo, _ profile: AudioProfile) {
        spent = facts.isLossy ? facts.bitrate ?? info.bitrate : nil
        efficiency = Self.efficiency(facts.codec, info.profile)
        sourceRate = facts.sampleRate
        sourceChannels = min(2, max(1, facts.channels))
        self.profile = profile
    }

    /// From listening tests of these codecs at their usual bitrates, rounded up: speech codecs need half of what
    /// AAC-LC needs for the same voice.
    private static func efficiency(_ codec: String, _ profile: String?) -> Double {
        switch codec {
        case "opus": 1.4
        case "aac", "aac_latm": profile == "LC" ? 1 : 1.5
        case "amr_nb", "amr_wb", "speex", "gsm", "gsm_ms", "ilbc", "qcelp", "evrc", "sipr": 1.6
        case "g723_1", "g729", "truespeech": 2
        case "vorbis": 1.1
        case "mp2", "mp1": 0.8
        case let codec where codec.hasPrefix("adpcm"): 0.7
        default: 1
        }
    }

    /// The minimum bitrate per channel for AAC-LC speech, by sample rate: more samples
    /// need more bits.
    private static func floor(_ rate: Int) -> Int { rate <= 24_000 ? 20_000 : 32_000 }

    /// Of the source's samples: what a telephone cuts off needs no bits.
    private static let mostBitsPerSample = 3

    /// The bitrate per channel below which AAC-LC cannot fill 20 kHz.
    private static let fewest = 24_000.0

    /// The output's sample rate in Hz. A low bitrate goes with a low sample rate.
    var sampleRate: Int {
        if sourceRate >= 32_000, let spent, Double(spent) * efficiency < Self.fewest * Double(sourceChannels) { return sourceRate % 11_025 == 0 ? 22_050 : 24_000 }
        if sourceRate > 48_000 { return sourceRate % 44_100 == 0 ? 44_100 : 48_000 }
        return AudioPlan.sampleRates.first { $0 >= sourceRate } ?? 48_000
    }

    /// Bits per second of all channels.
    func bitrate(channels: Int) -> Int {
        let floor = Self.floor(sampleRate)
        let most = min(profile.bitratePerChannel, max(floor, sourceRate * Self.mostBitsPerSample)) * channels
        guard let spent else { return most }
        return min(most, max(Int(Double(spent) * efficiency), floor * channels))
    }
}
