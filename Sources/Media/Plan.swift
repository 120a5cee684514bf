internal import MediaWire

/// What will be made of a file: decided before the work, and explained.
struct Plan {
    enum Container {
        case mp4
        /// Sound alone, for an audio element.
        case m4a
        /// The same, of frames that were MP3 already.
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
    /// Nothing has to be written: the file is right as it is.
    var keepsSource = false
    /// Every player plays the file as it is: a result that is larger is not worth it.
    var sourcePlaysEverywhere = false
    var sourceIsMP3 = false
    /// Bytes that the output will have at most, by estimate.
    var outputSize = 0
    /// A film without a picture is shown by its cover, else by its waveform.
    var stillPoster: StillPoster?
    /// Microseconds of the source's clock that become zero.
    var start: Int64
    /// Streams that go on in others.
    var joins = TrackJoins()
    /// What will be missing.
    var remarks: [Remark] = []
    var decisions: [PlanDecision]

    enum StillPoster: Equatable {
        case cover(stream: Int)
        case waveform
    }

    /// The streams of which packets are wanted.
    var streams: Set<Int> { Set([picture?.stream].compactMap(\.self) + (sound?.tracks.streams ?? [])) }

    /// What the file is, where it stays as it is.
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
    /// Of the source's first picture.
    var facts: VideoFacts
    /// The packets are taken over; the filters then serve the poster alone.
    var isCopied: Bool
    /// Notes inside the packets that are taken over are taken out.
    var removesNotes: Bool
    /// Keyframes that are none are no longer called so.
    var repairsIndex = false
    /// Of the output, whatever the pictures become on the way.
    var size: FrameSize
    var width: Int { size.width }
    var height: Int { size.height }
    /// What shows behind transparent pixels, RRGGBB.
    var background: String
    /// Pictures per second at most, for each field of interlaced film to become one; 0 makes one of each frame.
    var maxFrameRate: Double
    /// Pictures per second on average, for the distance of keyframes and the peak bitrate.
    var frameRate: Double
    /// What a frame of the source becomes: two where each of its fields does.
    var picturesPerFrame: Int
    /// Thin out to this many pictures per second; nil keeps every picture.
    var thinTo: Double?
    /// From a time of the output on, pictures are made of two fields though nothing says so.
    var fieldsSince: (time: Int64, topFieldFirst: Bool)?
    /// Interlacing is looked for on the way: the size and rate are those of television.
    var watchesForFields: Bool
}

struct AudioPlan {
    /// What every AAC player takes; other rates are brought to the next.
    static let sampleRates = [16_000, 22_050, 24_000, 32_000, 44_100, 48_000]

    var stream: Int
    /// The stream, and those of its other channels.
    var tracks: AudioTracks
    /// The packets are taken over.
    var isCopied: Bool
    var sampleRate: Int
    var channels: Int
    /// Of the richest part of the source that is known.
    var sourceRate: Int
    var sourceChannels: Int
    /// Bits per second.
    var bitrate: Int
    /// The loudness, which is measured before the work as the peaks are, is corrected where it is off.
    var correctsLoudness: Bool
    /// The encoder's other search is taken, which needs more bits and never overshoots.
    var isCautious = false

    /// To the output's rate, channels and format, in libavfilter's words. Mixing keeps each channel's standard weight
    /// (ITU-R BS.775: centre and surround −3 dB); what then is too loud is turned down as a whole, by measurement.
    var conversion: String {
        "aresample=\(sampleRate):rematrix_maxval=1000:internal_sample_fmt=fltp,aformat=sample_fmts=fltp:sample_rates=\(sampleRate)"
            + ":channel_layouts=\(channels == 1 ? "mono" : "stereo")"
    }
}
