internal import CFFmpeg
internal import MediaWire
internal import Synchronization

/// Decodes the beginning of a copied stream, in parallel, to detect interlacing.
final class InterlaceScan: Stage {
    private let decoder: Decoder
    private var watcher = InterlaceDetector()
    private let frame: Frame
    private let hasSeenEnough = Atomic(false)
    /// It needs no more packets. May be called from anywhere; one more does no harm.
    var isDone: Bool { hasSeenEnough.load(ordering: .relaxed) }

    init(_ stream: UnsafeMutablePointer<AVStream>, limits: MediaLimits) throws {
        decoder = try Decoder(
            stream: stream, threads: 1, allowed: AllowList.videoDecoders, maxPixels: limits.pixels)
        frame = try Frame()
    }

    /// Throws as `InterlaceDetector` does.
    func feed(_ packet: Packet) throws { try look(packet) }

    func finish() throws { try look(nil) }

    private func look(_ packet: Packet?) throws {
        guard !watcher.isDone else { return }
        try decoder.send(packet)
        while try decoder.receive(into: frame) == .ready {
            // It has all of its frames from the beginning.
            try watcher.look(at: frame, time: 0)
            frame.unreference()
        }
        if watcher.isDone { hasSeenEnough.store(true, ordering: .relaxed) }
    }
}
