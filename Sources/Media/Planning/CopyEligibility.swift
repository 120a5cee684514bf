internal import CFFmpeg
internal import MediaWire

/// Why a stream is not copied.
struct Objection: Equatable {
    /// Phrased to follow “encode as …”.
    var reason: String
    /// The profile objects, but every player plays it.
    var playsAnyway: Bool

    init(_ reason: String, playsAnyway: Bool = false) {
        self.reason = reason
        self.playsAnyway = playsAnyway
    }
}

/// Whether a stream already matches the profile, so that its packets are copied; nil means yes.
struct CopyEligibility {
    let profile: Profile
    let info: MediaInfo
    /// The result is audio only, in an audio element: MP3 may stay MP3.
    var takesMP3 = false
    /// It might, if the file to write were not named otherwise.
    var isNamedOtherwise = false

    /// Decoded in hardware by every phone of the last ten years.
    private static let highestLevel = (upTo1080p: 42, beyond: 52)
    private static let profiles: Set<String> = ["Constrained Baseline", "Baseline", "Main", "High"]

    func objection(to facts: VideoFacts) -> Objection? {
        let video = profile.video
        let stream = info.streams[facts.stream]
        let picture = stream.picture ?? VideoInfo()
        if facts.codec != "h264" { return Objection("it is \(facts.codec), which not every player supports") }
        if facts.format != AV_PIX_FMT_YUV420P, facts.format != AV_PIX_FMT_YUVJ420P {
            return Objection("its pixels are \(facts.format.name); players want yuv420p")
        }
        guard let name = stream.profile, Self.profiles.contains(name) else {
            return Objection("its H.264 profile (\(stream.profile ?? "unknown")) is not one that all players support")
        }
        let level = picture.level ?? 99
        if level > (video.maxSide <= 1920 ? Self.highestLevel.upTo1080p : Self.highestLevel.beyond) {
            return Objection("its H.264 level (\(Double(level) / 10)) is too high for phones")
        }
        if facts.colour.isFullRange { return Objection("it is full range, which many players display incorrectly") }
        if facts.colour.isHighDynamicRange { return Objection("it is HDR") }
        if ![AVCOL_PRI_BT709, AVCOL_PRI_BT470BG, AVCOL_PRI_SMPTE170M].contains(facts.colour.primaries) {
            return Objection("its colours are \(facts.colour.primariesName ?? "unknown")")
        }
        if ![AVCOL_SPC_BT709, AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M].contains(facts.colour.matrix) {
            return Objection("its colour matrix is \(facts.colour.matrixName ?? "an unknown matrix")")
        }
        if facts.orientation != .upright { return Objection("it must be rotated upright") }
        if facts.isInterlaced { return Objection("it is interlaced") }
        let shape = facts.pixelShape
        if shape.isPositive, shape.num != shape.den {
            return Objection("its pixels are not square (\(shape.num):\(shape.den))")
        }
        if facts.width % 2 != 0 || facts.height % 2 != 0 { return Objection("its width or height is odd") }
        if max(facts.width, facts.height) > video.maxSide {
            return Objection("it is larger (\(facts.width) × \(facts.height)) than the profile's \(video.maxSide)")
        }
        let rate = facts.frameRate ?? 0
        if rate > video.maxFrameRate * 1.01 {
            return Objection("it has \(Int(rate.rounded())) frames per second")
        }
        let bound = max(2_000_000, profile.video.peakBitrate(width: facts.width, height: facts.height, frameRate: rate))
        if let bitrate = bitrate(of: stream), Double(bitrate) > bound {
            return Objection(
                "its \(bitrate / 1000) kbit/s are more than the profile's \(Int(bound) / 1000)", playsAnyway: true)
        }
        return nil
    }

    func objection(to facts: AudioFacts) -> Objection? {
        let stream = info.streams[facts.stream]
        let isMP3 = facts.codec == "mp3" && takesMP3
        if !isMP3 {
            if facts.codec == "mp3", isNamedOtherwise { return Objection("it is mp3, and the output is named as an MP4") }
            if facts.codec != "aac" { return Objection("it is \(facts.codec), which not every player supports") }
            if stream.profile != "LC" {
                return Objection("it is AAC \(stream.profile ?? "of an unknown kind"); players want AAC-LC")
            }
        }
        if profile.audio.loudness == .always {
            return Objection("its loudness must be normalised")
        }
        if facts.channels > min(2, profile.audio.maxChannels) {
            return Objection("it has \(facts.channels) channels; the profile has at most \(profile.audio.maxChannels)")
        }
        if !isMP3, !AudioPlan.sampleRates.contains(facts.sampleRate) {
            return Objection("\(facts.sampleRate) Hz is not usual for AAC")
        }
        if let bitrate = stream.bitrate, bitrate > profile.audio.maxCopyBitrate {
            return Objection(
                "its \(bitrate / 1000) kbit/s are more than the profile's \(profile.audio.maxCopyBitrate / 1000)",
                playsAnyway: true)
        }
        return nil
    }

    /// The stream's bitrate, else that of the whole file.
    private func bitrate(of stream: StreamInfo) -> Int? {
        if let bitrate = stream.bitrate { return bitrate }
        guard let duration = info.duration, duration > 0 else { return nil }
        return Int(Double(info.size) * 8 / (Double(duration) / 1_000_000))
    }
}

extension VideoProfile {
    /// The peak bitrate. Low frame rates get the allowance of 24 frames per second: their
    /// keyframes are as large.
    func peakBitrate(width: Int, height: Int, frameRate: Double) -> Double {
        max(400_000, peakBitsPerPixel * Double(width * height) * max(24, min(frameRate, maxFrameRate)))
    }
}
