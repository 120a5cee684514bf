/// An audio stream, according to its first decoded frame.
struct AudioFacts {
    var stream: Int
    var codec: String
    var sampleRate: Int
    var channels: Int
    /// Bits per second, measured from its packets if the container has none; nil if unknown.
    var bitrate: Int?
    /// Streams beside the first, if each channel has its own; and FFmpeg's name of their layout, nil for left and right.
    var others: [Int] = []
    var layout: String?

    var tracks: AudioTracks { AudioTracks(streams: [stream] + others, layout: layout, sampleRate: sampleRate) }

    /// The same with one channel for each of several streams, of which it is the first.
    func joined(_ streams: [Int], layout: String?) -> AudioFacts {
        var facts = self
        (facts.others, facts.layout, facts.channels) = (Array(streams.dropFirst()), layout, streams.count)
        return facts
    }

    /// Only its first channel.
    var first: AudioFacts {
        guard !others.isEmpty else { return self }
        var facts = self
        (facts.others, facts.layout, facts.channels) = ([], nil, 1)
        return facts
    }

    /// No microphone or studio has more.
    static func isSensible(sampleRate: Int, channels: Int) -> Bool {
        (1000...1_000_000).contains(sampleRate) && (1...64).contains(channels)
    }

    var isLossy: Bool {
        let lossless = ["flac", "alac", "wavpack", "tta", "ape", "truehd", "mlp", "wmalossless", "ralf"]
        return !codec.hasPrefix("pcm_") && !lossless.contains(codec)
    }
}
