internal import CLinux
internal import Glibc
internal import Platform

/// The connections of some doors. Lives on one thread.
struct ConnectionLoop {
    private let doors: [ConnectionServer.Door]
    private let outbox: Outbox
    private let patience: DoorPatience
    /// By a number that is never used again: an answer that comes late meets nobody else.
    private var connections: [Int: ServedConnection] = [:]
    private var serial = 0
    /// No connection is taken before: the machine had no descriptor left.
    private var rest: ContinuousClock.Instant?

    init(_ doors: [ConnectionServer.Door], outbox: Outbox, patience: DoorPatience) {
        self.doors = doors
        self.outbox = outbox
        self.patience = patience
    }

    /// Blocks until the outbox is closed.
    consuming func run() {
        while let answers = outbox.take() {
            for (connection, bytes) in answers { act(on: connection) { $0.answer(bytes) } }
            let now = ContinuousClock.now
            for (connection, served) in connections where served.deadline.map({ $0 <= now }) == true {
                act(on: connection) { $0.expire() }
            }
            if let rest, rest <= now { self.rest = nil }
            wait()
        }
        for connection in connections.values { connection.end() }
    }

    private mutating func wait() {
        let order = Array(connections.keys)
        // Where all places are taken by work, whoever comes waits before the door.
        let isOpen = rest == nil && (connections.count < patience.connections || oldestIdle != nil)
        var polled = [pollfd(fd: outbox.readEnd, events: Int16(POLLIN), revents: 0)]
        polled += doors.map { pollfd(fd: isOpen ? $0.listening.descriptor : -1, events: Int16(POLLIN), revents: 0) }
        polled += order.compactMap { connections[$0]?.polled }
        guard poll(&polled, nfds_t(polled.count), timeout) > 0 else { return }
        let (atDoors, within) = (polled[1..<(1 + doors.count)], polled[(1 + doors.count)...])
        for (connection, entry) in zip(order, within) where entry.revents != 0 { act(on: connection) { $0.proceed() } }
        for (door, entry) in zip(doors, atDoors) where entry.revents != 0 { take(at: door) }
    }

    /// Until the next deadline, in milliseconds; -1 where there is none.
    private var timeout: CInt {
        let next = (connections.values.compactMap(\.deadline) + [rest].compactMap(\.self)).min()
        guard let next else { return -1 }
        return CInt(clamping: max(0, Int64((ContinuousClock.now.duration(to: next) / .milliseconds(1)).rounded(.up))))
    }

    private var oldestIdle: Int? {
        connections.filter { $0.value.phase != .working }.keys.min()
    }

    private mutating func take(at door: ConnectionServer.Door) {
        // One at a time, so that the other doors have their turn.
        let descriptor = clinux_accept(door.listening.descriptor)
        guard descriptor >= 0 else {
            if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(errno) { rest = .now + .milliseconds(200) }
            return
        }
        // Who says nothing makes room for who may have something to say.
        if connections.count >= patience.connections {
            guard let oldest = oldestIdle else {
                close(descriptor)
                return
            }
            act(on: oldest) { _ in .end }
        }
        serial += 1
        connections[serial] = ServedConnection(descriptor: descriptor, exchange: door.exchange, patience: patience)
        // At once: what is said already is not to be pushed out by the next one.
        act(on: serial) { $0.proceed() }
    }

    private mutating func act(on connection: Int, _ step: (inout ServedConnection) -> ServedConnection.Need) {
        guard var served = connections[connection] else { return }
        let need = step(&served)
        connections[connection] = served
        switch need {
        case .nothing: break
        case .work(let work):
            // No more of these than connections: each keeps its place until it has ended.
            Task { [outbox] in outbox.put(await work(), for: connection) }
        case .end:
            served.end()
            connections[connection] = nil
        }
    }
}
