internal import CFFmpeg

/// Removes the supplemental units (SEI) of a copied H.264 stream, with FFmpeg's `filter_units`: players need
/// none of them, and cameras write metadata there. One thread at a time.
final class SEIFilter {
    private let filter: BitstreamFilter

    init(_ stream: UnsafeMutablePointer<AVStream>) throws {
        filter = try BitstreamFilter("filter_units", options: ["remove_types": "6"], stream: stream)
    }

    /// Removes SEI from a packet, in place. False if nothing of it is left.
    func clean(_ packet: Packet) throws(FFmpegError) -> Bool { try filter.filter(packet) }
}
