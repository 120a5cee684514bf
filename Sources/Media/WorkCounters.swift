internal import Synchronization

/// How far a job is: counted by the threads that work on it, told by another. Only ever grows.
final class WorkCounters: Sendable {
    private let packetCount = Atomic(0)
    private let frameCount = Atomic(0)
    private let latest = Atomic<Int64>(0)

    var packets: Int { packetCount.load(ordering: .relaxed) }
    var frames: Int { frameCount.load(ordering: .relaxed) }
    /// Microseconds of the output's clock up to which anything was decoded.
    var done: Int64 { latest.load(ordering: .relaxed) }

    /// A packet, or as much as a packet, was worked on.
    func addPacket() { packetCount.wrappingAdd(1, ordering: .relaxed) }

    /// A frame was decoded that is shown, or heard, until a time of the output.
    func addFrame(until time: Int64) {
        frameCount.wrappingAdd(1, ordering: .relaxed)
        latest.max(time, ordering: .relaxed)
    }
}
