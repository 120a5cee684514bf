internal import CFFmpeg

/// Converts Ambisonics (surround sound as a sphere) to stereo. No FFmpeg mixer accepts it.
enum Ambisonics {
    /// The libavfilter expression that converts frames like this one to stereo; nil if they are not Ambisonics.
    ///
    /// W is omnidirectional, Y is left minus right (ACN order, SN3D): two cardioids to the sides,
    /// `L = (W + Y) / 2` and `R = (W - Y) / 2` (RFC 8486, section 4). Two further channels after those of the order
    /// are an additional stereo track.
    static func mix(_ frame: Frame) -> String? {
        guard frame.pointer.pointee.ch_layout.order == AV_CHANNEL_ORDER_AMBISONIC, frame.channels > 0 else { return nil }
        let channels = frame.channels
        let order = Int(Double(channels).squareRoot()) - 1
        let stereo = (order + 1) * (order + 1)
        guard channels >= 4 else { return "pan=mono|c0=c0" }
        let beside = channels == stereo + 2 ? ("+c\(stereo)", "+c\(stereo + 1)") : ("", "")
        return "pan=stereo|c0=0.5*c0+0.5*c1\(beside.0)|c1=0.5*c0-0.5*c1\(beside.1)"
    }
}
