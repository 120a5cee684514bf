internal import CFFmpeg
internal import MediaWire

/// What this machine's FFmpeg must be able to do for any job.
enum Equipment {
    private static let encoders = ["libx264", "aac", "mjpeg"]
    private static let filters = ["scale", "zscale", "tonemap", "bwdif", "aresample", "ebur128"]

    static func check() throws(MediaFailure) {
        let missing =
            encoders.filter { avcodec_find_encoder_by_name($0) == nil }
            + filters.filter { avfilter_get_by_name($0) == nil }
        guard missing.isEmpty else {
            throw MediaFailure(.internalError, "This machine's FFmpeg lacks \(missing.joined(separator: ", ")).")
        }
    }
}
