internal import MediaWire

/// Estimates the maximum size of an output; overestimates rather than underestimates.
struct OutputEstimate {
    let info: MediaInfo
    let profile: Profile

    /// The savings of newer codecs over H.264, and more: no output is assumed to grow beyond this factor of its source.
    private static let growth = 4.0

    func bytes(_ plan: Plan) -> Int {
        let source = Double(max(info.size, 1))
        // Without a duration, only the source's size is known.
        let seconds = info.duration.map { min(Double($0) / 1e6, profile.limits.duration) } ?? .infinity
        var bytes = 65_536.0
        if let picture = plan.picture {
            let peak = profile.video.peakBitrate(
                width: picture.width, height: picture.height, frameRate: picture.frameRate)
            bytes += picture.isCopied ? source : min(peak / 8 * seconds, Self.growth * source)
        }
        if let sound = plan.sound {
            let isInSource = sound.isCopied && plan.picture?.isCopied == true
            let bitrate = sound.isCopied ? profile.audio.maxCopyBitrate : sound.bitrate
            let most = (sound.isCopied ? 1 : Self.growth) * source
            if !isInSource { bytes += min(Double(bitrate) / 8 * seconds, most) }
        }
        // The container's overhead.
        return Int(min(bytes * 1.02, Double(profile.limits.outputSize)))
    }
}
