internal import Synchronization

/// The connections of a server, and which of them may be closed to make room. May be used from any thread.
///
/// Bounded by the limit that `ConnectionGate` keeps.
final class ConnectionTable: Sendable {
    enum Ending: Sendable {
        /// After the pending responses.
        case whenAnswered
        case now
    }

    private struct Entry {
        let end: @Sendable (Ending) -> Void
        var isBusy = false
    }

    private struct State {
        /// By an increasing number: the lowest is the oldest.
        var entries: [Int: Entry] = [:]
        var serial = 0
        var gates: [@Sendable () -> Void] = []
        var ending: Ending?
        var emptied: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let most: Int

    init(most: Int) { self.most = most }

    /// - Parameter end: ends the connection; called on any thread, possibly several times.
    /// - Returns: its number.
    func add(_ end: @escaping @Sendable (Ending) -> Void) -> Int {
        let (number, oldest, ending) = state.withLock { state in
            let isFull = state.entries.count >= most
            let oldest = isFull ? state.entries.filter { !$0.value.isBusy }.keys.min() : nil
            // Not removed here: it stays until it has ended.
            let victim = oldest.flatMap { state.entries[$0] }
            if let oldest { state.entries[oldest]?.isBusy = true }
            state.serial += 1
            state.entries[state.serial] = Entry(end: end)
            return (state.serial, victim, state.ending)
        }
        oldest?.end(.now)
        if let ending { end(ending) }
        return number
    }

    func remove(_ number: Int) {
        let (gates, emptied) = state.withLock { state in
            let gates = state.entries.count >= most ? state.gates : []
            state.entries[number] = nil
            guard state.entries.isEmpty else { return (gates, nil as CheckedContinuation<Void, Never>?) }
            defer { state.emptied = nil }
            return (gates, state.emptied)
        }
        emptied?.resume()
        for open in gates { open() }
    }

    /// - Parameter isBusy: it keeps its place, whoever else connects.
    func set(_ number: Int, isBusy: Bool) {
        let gates = state.withLock { state in
            guard let entry = state.entries[number], entry.isBusy != isBusy else { return [] as [@Sendable () -> Void] }
            state.entries[number]?.isBusy = isBusy
            return isBusy || state.entries.count < most ? [] : state.gates
        }
        for open in gates { open() }
    }

    /// Whether one more fits: a place is free, or an idle connection gives way.
    var hasPlace: Bool {
        state.withLock { state in state.entries.count < most || state.entries.values.contains { !$0.isBusy } }
    }

    /// - Parameter open: called whenever a place may be free again, on any thread.
    func whenPlaceMayBe(_ open: @escaping @Sendable () -> Void) { state.withLock { $0.gates.append(open) } }

    /// Ends all connections, including future ones.
    func end(_ ending: Ending) {
        let entries = state.withLock { state in
            state.ending = ending
            return Array(state.entries.values)
        }
        for entry in entries { entry.end(ending) }
    }

    /// Waits until there is no connection. For one caller, once.
    func empty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.entries.isEmpty { state.emptied = continuation }
                return state.entries.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}
