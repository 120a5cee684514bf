/// Replaces `?` with `$1`, `$2`, … if it is a placeholder: not in a literal, a quoted name or a comment.
struct PostgreSQLPlaceholders {
    private(set) var sql = ""
    private(set) var count = 0
    private var rest: ArraySlice<UInt8>
    private var output: [UInt8] = []

    init(_ text: String) {
        rest = Array(text.utf8)[...]
        output.reserveCapacity(rest.count + 16)
        while let byte = rest.first { step(byte) }
        sql = String(decoding: output, as: UTF8.self)
    }

    private mutating func step(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "?"):
            count += 1
            rest.removeFirst()
            output += "$\(count)".utf8
        case UInt8(ascii: "'"):
            quoted(byte, escapes: isEscapeString)
        case UInt8(ascii: "\""):
            quoted(byte, escapes: false)
        case UInt8(ascii: "-") where rest.starts(with: "--".utf8):
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            copy(upTo: end)
        case UInt8(ascii: "/") where rest.starts(with: "/*".utf8):
            comment()
        case UInt8(ascii: "$") where !followsName:
            dollarQuoted()
        default:
            copy(1)
        }
    }

    private mutating func copy(_ count: Int) {
        output += rest.prefix(count)
        rest = rest.dropFirst(count)
    }

    private mutating func copy(upTo end: Int) { copy(end - rest.startIndex) }

    /// `E'…'`: a backslash escapes the next character.
    private var isEscapeString: Bool {
        guard let last = output.last, last | 0x20 == UInt8(ascii: "e") else { return false }
        return output.count < 2 || !Self.isOfName(output[output.count - 2])
    }

    private var followsName: Bool { output.last.map(Self.isOfName) ?? false }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
            true
        default: false
        }
    }

    /// A doubled quote ends one part and starts the next, which has the same effect.
    private mutating func quoted(_ quote: UInt8, escapes: Bool) {
        copy(1)
        while let byte = rest.first {
            copy(escapes && byte == UInt8(ascii: "\\") ? 2 : 1)
            if byte == quote { return }
        }
    }

    /// They nest.
    private mutating func comment() {
        var depth = 0
        repeat {
            if rest.starts(with: "/*".utf8) {
                depth += 1
                copy(2)
            } else if rest.starts(with: "*/".utf8) {
                depth -= 1
                copy(2)
            } else {
                copy(1)
            }
        } while depth > 0 && !rest.isEmpty
    }

    /// `$$…$$` and `$tag$…$tag$`.
    private mutating func dollarQuoted() {
        let tag = rest.dropFirst().prefix { Self.isOfName($0) && $0 != UInt8(ascii: "$") }
        guard tag.first.map({ !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) ?? true,
            tag.endIndex < rest.endIndex, rest[tag.endIndex] == UInt8(ascii: "$")
        else {
            copy(1)
            return
        }
        let mark = Array(rest[rest.startIndex...tag.endIndex])
        copy(mark.count)
        while !rest.isEmpty, !rest.starts(with: mark) { copy(1) }
        copy(mark.count)
    }
}
