/// What is told of a cause, and when: one message an hour while it goes on, and one when it is over. Pure.
///
/// Times are milliseconds of the database's clock.
struct TellingRule {
    /// The latest message of a cause.
    struct Latest: Sendable, Equatable {
        var number: Int64
        var isFailure: Bool
        /// When it may be sent at the earliest.
        var dueAt: Int64
        /// When the cause began.
        var since: Int64
        /// Failures that it stands for: counted further while nothing new is told.
        var failures: Int64
        /// Of the latest failure message, if this one is none.
        var failureDueAt: Int64?
    }

    enum Step: Sendable, Equatable {
        case nothing
        /// Only count it: the hour is not over.
        case count
        case tell(number: Int64, dueAt: Int64, since: Int64, failures: Int64)
        /// Nobody was told that it began again: nobody needs to hear that it is over.
        case withdraw
    }

    static let rest: Int64 = 3_600_000

    static func failed(_ latest: Latest?, at now: Int64) -> Step {
        guard let latest else { return .tell(number: 1, dueAt: now, since: now, failures: 1) }
        if latest.isFailure {
            guard now - latest.dueAt >= rest else { return .count }
            return .tell(number: latest.number + 1, dueAt: now, since: latest.since, failures: latest.failures + 1)
        }
        // It comes and goes: the next message waits for the hour, and tells only if it then still goes on.
        return .tell(number: latest.number + 1, dueAt: max(now, (latest.failureDueAt ?? now - rest) + rest), since: now, failures: 1)
    }

    static func ended(_ latest: Latest?, at now: Int64) -> Step {
        guard let latest, latest.isFailure else { return .nothing }
        guard latest.dueAt <= now else { return .withdraw }
        return .tell(number: latest.number + 1, dueAt: now, since: latest.since, failures: 0)
    }
}

/// When a message that could not be delivered is tried again.
enum DeliveryBackoff {
    /// After a day nobody needs it any more.
    static let limit: Int64 = 86_400_000

    /// Milliseconds; 2 s, 8 s, 32 s … up to an hour.
    static func wait(after attempts: Int64) -> Int64 {
        min(3_600_000, 2000 << (2 * max(0, min(attempts - 1, 10))))
    }
}
