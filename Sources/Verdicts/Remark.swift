/// What the uploader should know if the result is not the whole source.
public enum Remark: Sendable, Equatable {
    public enum Part: UInt8, Sendable, CaseIterable {
        case picture
        case sound
    }

    /// It ends before the duration in its header. Microseconds.
    case cutShort(converted: Int, promised: Int)
    /// A part is missing: this machine's FFmpeg does not support its codec.
    case unsupported(Part, codec: String)
    /// A part is missing: its header is invalid, or it cannot be decoded.
    case undecodable(Part, codec: String)
    /// Another track replaces the preferred one, which cannot be decoded.
    case replaced(Part, codec: String)
    /// The file continues in a track that starts midway and cannot be joined to the previous one. Microseconds.
    case leftOutFrom(Part, codec: String, time: Int)
    /// Nothing is missing: where new tracks start, they were joined to the previous ones. Microseconds.
    case joined(time: Int)
    /// An earlier remark about the same file, as it was worded.
    case earlier(String)
}
