import Foundation

/// What a terminal of a size shows after some output: the few sequences that our programs write, and nothing else.
struct TerminalScreen {
    let columns: Int
    let rows: Int
    /// The lines of the first screen, from its first on.
    private(set) var first: [String] = [""]
    /// Of the second one, while it is shown.
    private(set) var second: [String]?
    /// Whether the second one ever was.
    private(set) var hadSecond = false
    private(set) var hasCursor = true
    /// What did not fit, or was not understood.
    private(set) var faults: [String] = []
    private var (row, column) = (0, 0)

    var text: String { (second ?? first).joined(separator: "\n") }

    init(_ text: String, columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\r": column = 0
            case "\n": feed()
            case "\u{1B}":
                var sequence = ""
                while let next = rest.popFirst() {
                    sequence.unicodeScalars.append(next)
                    if next != "[", ("@"..."~").contains(next) { break }
                }
                obey(sequence)
            case "\u{7}", "\u{8}", "\t": break
            default: put(scalar)
            }
        }
    }

    private mutating func feed() {
        row += 1
        guard second != nil else {
            first.append("")
            row = first.count - 1
            return
        }
        if row >= rows { faults.append("it scrolls: \(text)") }
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        let width = Self.width(scalar)
        guard second != nil else {
            first[row].unicodeScalars.append(scalar)
            return
        }
        if column + width > columns { faults.append("a line is wider than \(columns): \(second?[min(row, rows - 1)] ?? "")\(scalar)") }
        column += width
        if row < rows { second?[row].unicodeScalars.append(scalar) }
    }

    private mutating func obey(_ sequence: String) {
        switch sequence {
        case "[?1049h": (second, hadSecond, row, column) = (Array(repeating: "", count: rows), true, 0, 0)
        case "[?1049l": (second, row, column) = (nil, first.count - 1, 0)
        case "[?25l": hasCursor = false
        case "[?25h": hasCursor = true
        case "[H": (row, column) = (0, 0)
        case "[K":
            if row < rows { second?[row] = "" }
        case "[J":
            for line in row..<max(row, rows) { second?[line] = "" }
        default: faults.append("an unknown sequence: \(sequence)")
        }
    }

    /// Enough for these tests: Chinese takes two columns.
    private static func width(_ scalar: Unicode.Scalar) -> Int { (0x2E80...0xFFEF).contains(scalar.value) ? 2 : 1 }
}
