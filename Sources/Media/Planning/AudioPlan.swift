/// How an audio stream will be converted.
struct AudioPlan {
    /// Sample rates that every AAC player supports; others are converted to the next.
    static let sampleRates = [16_000, 22_050, 24_000, 32_000, 44_100, 48_000]

    var stream: Int
    /// The stream, and those of its other channels.
    var tracks: AudioTracks
    /// The packets are copied.
    var isCopied: Bool
    var sampleRate: Int
    var channels: Int
    /// Of the richest known part of the source.
    var sourceRate: Int
    var sourceChannels: Int
    /// Bits per second.
    var bitrate: Int
    /// The loudness, which is measured in advance like the peaks, is corrected if it is off.
    var correctsLoudness: Bool
    /// Use the encoder's alternative search, which needs more bits but never overshoots.
    var isCautious = false

    /// The libavfilter chain to the output's rate, channels and format. Mixing uses standard weights
    /// (ITU-R BS.775: centre and surround −3 dB); if the result is too loud, it is attenuated as a whole, by measurement.
    var conversion: String {
        "aresample=\(sampleRate):rematrix_maxval=1000:internal_sample_fmt=fltp,aformat=sample_fmts=fltp:sample_rates=\(sampleRate)"
            + ":channel_layouts=\(channels == 1 ? "mono" : "stereo")"
    }
}
