/// The container of an output.
enum OutputContainer: CaseIterable {
    case mp4
    /// Audio only, for an audio element.
    case m4a
    /// The same, with MP3 frames.
    case mp3

    /// FFmpeg's name of its muxer.
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
