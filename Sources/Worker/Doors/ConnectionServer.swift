internal import CLinux
internal import Glibc
internal import Platform
internal import Synchronization

/// Serves whoever comes to some doors, all on one thread that waits for all of them at once: who is slow, or silent, holds up
/// nobody. May be used from any task.
final class ConnectionServer: Sendable {
    struct Door: Sendable {
        let listening: ListeningSocket
        let exchange: any Exchange
    }

    private let thread: BlockingThread
    private let outbox: Outbox

    /// Begins to serve. Throws a `ThreadError`, or a `TransientError` where the machine has no descriptor left.
    init(_ doors: [Door], patience: DoorPatience = DoorPatience()) throws {
        outbox = try Outbox()
        thread = try BlockingThread()
        thread.post { [outbox] in ConnectionLoop(doors, outbox: outbox, patience: patience).run() }
    }

    /// Ends all connections, and waits until the thread has let go of the doors.
    func close() async {
        outbox.close()
        await thread.run {}
    }

    deinit { outbox.close() }
}

/// Answers that were made elsewhere, on their way to the thread of the connections; no more than there are connections.
final class Outbox: Sendable {
    private struct State {
        var answers: [(connection: Int, bytes: [UInt8])] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    /// A pipe that never blocks: a byte in it says that there is something here.
    let readEnd: CInt
    private let writeEnd: CInt

    init() throws(TransientError) {
        var ends: [CInt] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else {
            throw TransientError("No pipe could be made: \(String(cString: strerror(errno))).")
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        Glibc.close(readEnd)
        Glibc.close(writeEnd)
    }

    func put(_ bytes: [UInt8], for connection: Int) {
        state.withLock { $0.answers.append((connection, bytes)) }
        ring()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        ring()
    }

    /// All that there is; nil: it is over.
    func take() -> [(connection: Int, bytes: [UInt8])]? {
        var buffer = [UInt8](repeating: 0, count: 256)
        while read(readEnd, &buffer, buffer.count) > 0 {}
        return state.withLock { state in
            defer { state.answers = [] }
            return state.isClosed ? nil : state.answers
        }
    }

    // A full pipe rings already.
    private func ring() { _ = write(writeEnd, [1], 1) }
}
