import Foundation

/// The application's clock: converts times to the zoneless timestamps of the site's tables.
struct SiteClock: Sendable {
    private let style: Date.ISO8601FormatStyle
    private let current: @Sendable () -> Date

    init(timeZone: String, current: @escaping @Sendable () -> Date = { Date() }) throws(SiteError) {
        guard let zone = TimeZone(identifier: timeZone) else { throw .unknownTimeZone(timeZone) }
        style = Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: zone)
            .year().month().day().time(includingFractionalSeconds: false)
        self.current = current
    }

    var now: Date { current() }

    /// `2026-01-31 23:59:59`, in the application's time zone.
    func text(_ moment: Date) -> String { style.format(moment) }

    /// Parses such a text; fractions of a second are ignored.
    func moment(_ text: String) -> Date? { try? style.parse(String(text.prefix(19))) }

    /// Seconds since a time in the format of `text`; 0 if it is invalid, or in the future.
    func seconds(since text: String?) -> Double {
        guard let moment = text.flatMap(moment) else { return 0 }
        return max(0, now.timeIntervalSince(moment))
    }
}
