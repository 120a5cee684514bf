extension String {
    /// Columns of a terminal: most characters of Chinese, Japanese and Korean, and emoji, take two (Unicode, annex 11).
    package var terminalWidth: Int { reduce(0) { $0 + $1.terminalWidth } }

    /// The text, or its beginning and an ellipsis.
    package func fitting(terminalWidth limit: Int) -> String {
        guard terminalWidth > limit else { return self }
        var width = 1
        return prefix { character in
            width += character.terminalWidth
            return width <= limit
        } + "…"
    }
}

extension Character {
    fileprivate var terminalWidth: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        return Self.wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
        0x1FA70...0x1FAFF, 0x20000...0x3FFFD,
    ]
}
