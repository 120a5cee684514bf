/// Durations, sizes and numbers in human-readable form.
public enum Quantity {
    private static let durations: [(unit: String, length: Duration)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
        ("d", .seconds(86400)),
    ]

    /// "30s"; a bare number means seconds. Nil if invalid.
    static func parseDuration(_ text: String) -> Duration? {
        guard let (number, unit) = split(text), number >= 0, number < 1e9 else { return nil }
        guard let length = durations.first(where: { $0.unit == (unit.isEmpty ? "s" : unit) })?.length else {
            return nil
        }
        // In whole numbers: a duration times a fraction is off by some attoseconds.
        return .milliseconds(Int64((length / .milliseconds(1) * number).rounded()))
    }

    /// In the largest unit that is exact.
    package static func duration(_ duration: Duration) -> String {
        for (unit, length) in durations.reversed() {
            // In whole numbers: a quotient of durations is slightly off.
            let count = Int((duration / length).rounded())
            if count >= 1, length * count == duration { return "\(count)\(unit)" }
        }
        return number(duration / .seconds(1)) + "s"
    }

    private static let sizes: [(unit: String, bytes: Double)] = [
        ("", 1), ("B", 1), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("KiB", 1024), ("MiB", 1_048_576),
        ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
    ]

    /// "4GiB"; a bare number means bytes. Nil if invalid.
    static func parseBytes(_ text: String) -> Int? {
        guard let (number, unit) = split(text), number >= 0 else { return nil }
        guard let size = sizes.first(where: { $0.unit.lowercased() == unit.lowercased() }) else { return nil }
        let bytes = (number * size.bytes).rounded()
        return bytes < 9e18 ? Int(bytes) : nil
    }

    /// In the largest binary unit that is exact.
    package static func bytes(_ bytes: Int) -> String {
        for (unit, size) in sizes.suffix(4).reversed() where bytes > 0 && bytes % Int(size) == 0 {
            return "\(bytes / Int(size))\(unit)"
        }
        return String(bytes)
    }

    /// Without a needless ".0".
    package static func number(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
    }

    private static func split(_ text: String) -> (number: Double, unit: String)? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), number.isFinite else { return nil }
        return (number, text.dropFirst(digits.count).trimmingPrefix(while: { $0 == " " }).description)
    }
}

extension Quantity {
    /// "1:05:09", "2:03", "0:07".
    public static func clock(seconds: Double) -> String {
        let all = whole(max(0, min(seconds, 1e9)))
        let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds))" : "\(minutes):\(two(seconds))"
    }

    /// How long ago, in its largest unit: "12 s", "5 min", "7 h", "12 d".
    public static func age(seconds: Double) -> String {
        let all = whole(max(0, min(seconds, 1e12)))
        return switch all {
        case ..<60: "\(all) s"
        case ..<3600: "\(all / 60) min"
        case ..<172_800: "\(all / 3600) h"
        default: "\(all / 86400) d"
        }
    }

    /// With one decimal.
    public static func tenths(_ value: Double) -> String {
        let tenths = whole(value * 10)
        return "\(tenths < 0 && tenths > -10 ? "-" : "")\(tenths / 10).\(abs(tenths % 10))"
    }

    /// The nearest whole number, clamped to the type's range; 0 for NaN.
    package static func whole(_ value: Double, _ rule: FloatingPointRoundingRule = .toNearestOrAwayFromZero) -> Int {
        value.isNaN ? 0 : Int(min(9e18, max(-9e18, value.rounded(rule))))
    }
}
