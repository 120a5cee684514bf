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

    /// Lines that are no wider: broken between words, between wide characters, or within a word that is longer than a line.
    ///
    /// - Parameter indent: of all lines but the first.
    package func wrapped(terminalWidth limit: Int, indent: Int = 0) -> [String] {
        let mostBlank = max(0, limit - 10)
        var (lines, line, width, hasWord) = ([String](), "", 0, false)
        func end() {
            lines.append(line)
            width = min(indent, mostBlank)
            (line, hasWord) = (String(repeating: " ", count: width), false)
        }
        var gap = 0
        for word in terminalWords {
            guard word.first != " " else {
                gap = hasWord ? word.count : min(word.count, mostBlank)
                continue
            }
            if hasWord, width + gap + word.terminalWidth > limit {
                end()
            } else {
                line += String(repeating: " ", count: gap)
                width += gap
            }
            gap = 0
            for character in word {
                if hasWord, width + character.terminalWidth > limit { end() }
                line.append(character)
                width += character.terminalWidth
                hasWord = true
            }
        }
        return lines + [line]
    }

    /// What stays together: words, and each wide character; and the spaces between.
    private var terminalWords: [Substring] {
        var words: [Substring] = []
        var rest = self[...]
        while let first = rest.first {
            let word = first.terminalWidth == 2 ? rest.prefix(1) : rest.prefix { ($0 == " ") == (first == " ") && $0.terminalWidth < 2 }
            words.append(word)
            rest = rest[word.endIndex...]
        }
        return words
    }
}

extension Substring {
    fileprivate var terminalWidth: Int { reduce(0) { $0 + $1.terminalWidth } }
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
