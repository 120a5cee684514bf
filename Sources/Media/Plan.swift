internal import MediaWire
internal import Verdicts

/// How a file will be converted: decided in advance, with reasons.
struct Plan {
    enum Container {
        case mp4
        /// Audio only, for an audio element.
        case m4a
        /// The same, with MP3 frames.
        case mp3

        var muxer: String {
            switch self {
            case .mp4: "mp4"
            case .m4a: "ipod"
            case .mp3: "mp3"
            }
        }
        var fileExtension: String {
            switch self {
            case .mp4: "mp4"
            case .m4a: "m4a"
            case .mp3: "mp3"
            }
        }
        var mime: String {
            switch self {
            case .mp4: "video/mp4"
            case .m4a: "audio/mp4"
            case .mp3: "audio/mpeg"
            }
        }
    }

    var container: Container
    var picture: VideoPlan?
    var sound: AudioPlan?
    /// No output is written: the file needs no conversion.
    var keepsSource = false
    /// Every player plays the file unchanged: a larger result is not worth it.
    var sourcePlaysEverywhere = false
    var sourceIsMP3 = false
    /// The estimated maximum size of the output, in bytes.
    var outputSize = 0
    /// The poster of a file without video: its cover, else its waveform.
    var stillPoster: StillPoster?
    /// Microseconds of the source's clock that become zero.
    var start: Int64
    /// Streams that continue others.
    var joins = TrackJoins()
    /// What will be missing.
    var remarks: [Remark] = []
    var decisions: [PlanDecision]

    enum StillPoster: Equatable {
        case cover(stream: Int)
        case waveform
    }

    /// The streams whose packets are needed.
    var streams: Set<Int> { Set([picture?.stream].compactMap(\.self) + (sound?.tracks.streams ?? [])) }

    /// The file's type, if it stays unchanged.
    var keptName: (fileExtension: String, mime: String) {
        container == .m4a && sourceIsMP3 ? ("mp3", "audio/mpeg") : (container.fileExtension, container.mime)
    }

    var report: PlanReport {
        var report = PlanReport()
        report.output = keepsSource ? nil : container.fileExtension
        report.outputSize = keepsSource ? nil : outputSize
        report.decisions = decisions
        report.remarks = remarks
        return report
    }
}

struct VideoPlan {
    var stream: Int
    /// Of the source's first frame.
    var facts: VideoFacts
    /// The packets are copied; the filters then only serve the poster.
    var isCopied: Bool
    /// User data inside copied packets is removed.
    var removesNotes: Bool
    /// Wrong keyframe flags are removed.
    var repairsIndex = false
    /// Of the output, whatever happens to the frames midway.
    var size: FrameSize
    var width: Int { size.width }
    var height: Int { size.height }
    /// The background of transparent pixels, RRGGBB.
    var background: String
    /// The maximum rate at which each field of interlaced video becomes a frame; 0 combines fields.
    var maxFrameRate: Double
    /// The average frame rate, for the keyframe distance and the peak bitrate.
    var frameRate: Double
    /// Output frames per source frame: two if each field becomes one.
    var picturesPerFrame: Int
    /// Reduce to this many frames per second; nil keeps every frame.
    var thinTo: Double?
    /// From this output time on, frames are interlaced although not flagged.
    var fieldsSince: (time: Int64, topFieldFirst: Bool)?
    /// Interlacing is searched for midway: the size and rate are those of television.
    var watchesForFields: Bool
}

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
