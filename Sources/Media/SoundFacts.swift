/// A sound stream, as its first decoded frame shows it.
struct SoundFacts {
    var stream: Int
    var codec: String
    var sampleRate: Int
    var channels: Int
    /// Bits a second, counted in its packets where the container does not say; nil where neither tells.
    var bitrate: Int?

    /// No microphone and no studio has more.
    static func isSensible(sampleRate: Int, channels: Int) -> Bool {
        (1000...1_000_000).contains(sampleRate) && (1...64).contains(channels)
    }

    var isLossy: Bool {
        let lossless = ["flac", "alac", "wavpack", "tta", "ape", "truehd", "mlp", "wmalossless", "ralf"]
        return !codec.hasPrefix("pcm_") && !lossless.contains(codec)
    }
}
