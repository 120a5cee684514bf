internal import Synchronization

/// The progress of a job: counted by its worker threads, reported by another. Only increases.
final class ProgressCounters: Sendable {
    private let packetCount = Atomic(0)
    private let frameCount = Atomic(0)
    private let latest = Atomic<Int64>(0)

    var packets: Int { packetCount.load(ordering: .relaxed) }
    var frames: Int { frameCount.load(ordering: .relaxed) }
    /// Microseconds of the output's clock up to which anything was decoded.
    var done: Int64 { latest.load(ordering: .relaxed) }

    /// A packet, or an equal amount of work, was processed.
    func addPacket() { packetCount.wrappingAdd(1, ordering: .relaxed) }

    /// A frame was decoded that is displayed, or heard, until an output time.
    func addFrame(until time: Int64) {
        frameCount.wrappingAdd(1, ordering: .relaxed)
        latest.max(time, ordering: .relaxed)
    }
}
