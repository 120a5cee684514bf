internal import MediaWire

/// How many bits encoded sound gets: as many as its source spends, counted in AAC-LC's; more bring back nothing.
struct AudioBitrate {
    /// Bits a second of the source; nil where it holds all of the sound, or nobody knows.
    let spent: Int?
    /// What the source's codec makes of a bit, beside AAC-LC.
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

    /// By listening tests of these codecs at their usual rates, and rather too much: speech codecs spend half of what
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

    /// Bits a second of one channel below which AAC-LC has no voice left, by the rate of what it codes: more samples
    /// take more of them.
    private static func floor(_ rate: Int) -> Int { rate <= 24_000 ? 20_000 : 32_000 }

    /// Of the source's samples: what a telephone cuts off needs no bits.
    private static let mostBitsPerSample = 3

    /// Bits a second of one channel that are too few for all that is heard: AAC-LC fills no 20 kHz with them.
    private static let fewest = 24_000.0

    /// Hz of the output. Few bits are spent on few samples.
    var sampleRate: Int {
        if sourceRate >= 32_000, let spent, Double(spent) * efficiency < Self.fewest * Double(sourceChannels) { return sourceRate % 11_025 == 0 ? 22_050 : 24_000 }
        if sourceRate > 48_000 { return sourceRate % 44_100 == 0 ? 44_100 : 48_000 }
        return AudioPlan.sampleRates.first { $0 >= sourceRate } ?? 48_000
    }

    /// Bits a second of all channels.
    func bitrate(channels: Int) -> Int {
        let floor = Self.floor(sampleRate)
        let most = min(profile.bitratePerChannel, max(floor, sourceRate * Self.mostBitsPerSample)) * channels
        guard let spent else { return most }
        return min(most, max(Int(Double(spent) * efficiency), floor * channels))
    }
}
