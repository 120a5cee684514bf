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
