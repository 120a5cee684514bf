internal import CFFmpeg

/// Takes the supplemental units (SEI) out of an H.264 stream that is copied, by FFmpeg's `filter_units`: players need
/// none of them, and cameras write notes there. One thread at a time.
final class SEIFilter {
    private let filter: BitstreamFilter

    init(_ stream: UnsafeMutablePointer<AVStream>) throws {
        filter = try BitstreamFilter("filter_units", options: ["remove_types": "6"], stream: stream)
    }

    /// The packet without its notes, in place. False where nothing of it is left.
    func clean(_ packet: Packet) throws(FFmpegError) -> Bool { try filter.filter(packet) }
}
