internal import FoundationEssentials
package import Logging
internal import Platform
internal import ServiceLifecycle
package import Site
package import WorkerConfiguration

/// Writes incidents to the outbox, notices when they are over, and sends what is due. One for each daemon; hosts share the outbox.
package struct Notifier: ServiceLifecycle.Service {
    private let site: Site
    private let outbox: Outbox
    private let pending: PendingIncidents
    /// The current one: a reload replaces it.
    private let configuration: @Sendable () -> Configuration
    /// What keeps this host from working at the moment.
    private let conditions: @Sendable () -> [Incident]
    private let log: Logger

    /// The longest pause between two looks; between looks for what is over; between reports of a condition that lasts; between cleanings.
    private static let rest = Duration.seconds(10), endRest = Duration.seconds(15), conditionRest = Duration.seconds(60), cleanRest = Duration.seconds(3600)
    /// A delivery takes no longer: the command's 30 s and some more.
    private static let lease = Duration.seconds(60)

    package init(
        site: Site, host: String, pending: PendingIncidents, configuration: @escaping @Sendable () -> Configuration,
        conditions: @escaping @Sendable () -> [Incident], log: Logger
    ) {
        self.site = site
        outbox = Outbox(site: site, host: host)
        self.pending = pending
        self.configuration = configuration
        self.conditions = conditions
        self.log = log
    }

    private struct State {
        var isPrepared = false
        var ended: ContinuousClock.Instant?
        var cleaned: ContinuousClock.Instant?
        var told: [String: ContinuousClock.Instant] = [:]
        /// The last trouble, which is logged once.
        var trouble: String?
    }

    /// Runs until told to end. What happened until then is written, and tried once; the next daemon sends the rest.
    package func run() async throws {
        await cancelWhenGracefulShutdown { [pending] in
            var state = State()
            // Each signal is one look, and so is the end of each pause.
            let (looks, look) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            let signals = Task { for await _ in pending.signals { look.yield() } }
            defer { signals.cancel() }
            var timer: Task<Void, Never>?
            defer { timer?.cancel() }
            look.yield()
            for await _ in looks {
                timer?.cancel()
                let pause = await turn(&state)
                timer = Task {
                    do { try await Task.sleep(for: pause) } catch { return }
                    look.yield()
                }
            }
        }
        _ = await Deadline.within(.seconds(15)) {
            var state = State()
            _ = await turn(&state)
        }
    }

    /// Returns the pause until the next.
    private func turn(_ state: inout State) async -> Duration {
        let channels = Channels(configuration: configuration())
        guard !channels.all.isEmpty else {
            _ = pending.take()
            return Self.rest
        }
        do {
            if !state.isPrepared {
                try await outbox.prepare()
                state.isPrepared = true
            }
            try await write(channels, &state)
            if Self.isDue(&state.ended, Self.endRest) { try await end(channels) }
            if Self.isDue(&state.cleaned, Self.cleanRest) { try await outbox.clean() }
            try await send(channels)
            state.trouble = nil
            let wait = try await outbox.nextDue(channels.all) ?? .max
            return min(Self.rest, .milliseconds(max(250, min(wait, 60_000))))
        } catch {
            let trouble = "Notifications cannot be kept in the database at the moment: \(error)"
            if state.trouble != trouble { log.warning("\(trouble)") }
            state.trouble = trouble
            state.isPrepared = false
            return Self.rest
        }
    }

    private func write(_ channels: Channels, _ state: inout State) async throws {
        let current = conditions()
        state.told = state.told.filter { told in current.contains { $0.cause == told.key } }
        let lasting = current.filter { incident in
            state.told[incident.cause].map { ContinuousClock.now - $0 >= Self.conditionRest } ?? true
        }
        for incident in lasting { state.told[incident.cause] = .now }
        let incidents = pending.take()
        do {
            for incident in incidents + lasting {
                for channel in channels.all where try await outbox.add(incident, to: channel) {
                    log.info("“\(incident.cause)” will be told by \(channel.rawValue).")
                }
            }
        } catch {
            // One that was written already is only counted once more.
            pending.putBack(incidents)
            for incident in lasting { state.told[incident.cause] = nil }
            throw error
        }
    }

    private func end(_ channels: Channels) async throws {
        let current = Set(conditions().map(\.cause))
        for open in try await outbox.open(channels.all) where !current.contains(open.cause) {
            if let host = open.host {
                guard host == outbox.host else { continue }
            } else {
                guard try await !site.hasFailing(code: open.code, since: open.since, last: open.fileID) else { continue }
            }
            if try await outbox.end(open) { log.info("That “\(open.cause)” is over will be told by \(open.channel.rawValue).") }
        }
    }

    private func send(_ channels: Channels) async throws {
        while let delivery = try await outbox.claim(channels.all, lease: Self.lease) {
            let answer: String
            do {
                answer = try await channels.send(delivery.body, by: delivery.channel)
            } catch {
                let again = try await outbox.postpone(delivery)
                // Once, not at each attempt.
                if delivery.attempts == 1, !Task.isCancelled { log.warning("A notification of “\(delivery.cause)” could not be delivered; it is tried again for a day. \(error)") }
                if !again { log.error("A notification of “\(delivery.cause)” could not be delivered for a day, and is given up. \(error)") }
                continue
            }
            _ = try await outbox.settle(delivery)
            log.info("A notification of “\(delivery.cause)” was delivered. \(answer)")
        }
    }

    private static func isDue(_ last: inout ContinuousClock.Instant?, _ rest: Duration) -> Bool {
        let now = ContinuousClock.now
        if let last, now - last < rest { return false }
        last = now
        return true
    }
}
