internal import CFFmpeg
internal import MediaWire

/// Decodes the beginning of a stream that is copied, to see whether it is made of fields.
final class FieldScout {
    private let decoder: Decoder
    private var watcher = FieldWatcher()
    private let frame: Frame

    init(_ stream: UnsafeMutablePointer<AVStream>, limits: MediaLimits) throws {
        decoder = try Decoder(
            stream: stream, threads: 1, allowed: AllowList.videoDecoders, maxPixels: limits.pixels)
        frame = try Frame()
    }

    /// Takes the next packet of the stream, or nil for its end. Throws as `FieldWatcher` does.
    func take(_ packet: Packet?) throws {
        guard !watcher.isDone else { return }
        try decoder.send(packet)
        while try decoder.receive(into: frame) == .ready {
            try watcher.look(at: frame)
            frame.unreference()
        }
    }
}
