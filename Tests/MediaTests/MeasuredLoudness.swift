import Foundation

/// EBU R128 of a file's sound, by the ffmpeg program.
struct MeasuredLoudness {
    /// LUFS; -70 for silence.
    var integrated: Double
    /// dBTP.
    var peak: Double

    init(_ file: URL) throws {
        let ending = try Program.run(
            "ffmpeg",
            ["-hide_banner", "-nostdin", "-nostats", "-i", file.path, "-map", "0:a:0", "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"])
        guard let summary = ending.errors.range(of: "Summary:") else { throw DecodedVideo.Unexpected(what: "no summary") }
        let text = ending.errors[summary.upperBound...].replacing("\n", with: " ")
        integrated = Double(text.value(after: "I:")) ?? -70
        peak = Double(text.value(after: "Peak:")) ?? -.infinity
    }
}
