internal import Glibc

/// A moment as signatures write it, in UTC.
public struct SigningTime: Sendable, Equatable {
    /// `20261130T045121Z`
    public let text: String
    /// `20261130`
    public var day: String { String(text.prefix(8)) }

    /// Seconds since 1970.
    public init(_ seconds: Int) {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
        text = "\(1900 + parts.tm_year)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))T\(two(parts.tm_hour))\(two(parts.tm_min))\(two(parts.tm_sec))Z"
    }
}
