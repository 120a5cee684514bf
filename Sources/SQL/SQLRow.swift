/// One row of a result. An independent value: it may leave the session and cross threads.
public struct SQLRow: Sendable {
    /// In the order of the query.
    public let columns: [String]
    public let values: [SQLValue]

    public init(columns: [String], values: [SQLValue]) {
        precondition(columns.count == values.count)
        self.columns = columns
        self.values = values
    }

    /// The value of a column, `.null` if the query has no such column.
    public subscript(name: String) -> SQLValue {
        columns.firstIndex(of: name).map { values[$0] } ?? .null
    }

    /// nil for NULL, and for anything but an integer.
    public func int(_ name: String) -> Int64? {
        switch self[name] {
        case .integer(let value): value
        case .boolean(let value): value ? 1 : 0
        case .real(let value): Int64(exactly: value)
        case .text(let value): Int64(value)
        case .null, .bytes: nil
        }
    }

    /// nil for NULL, and for anything but text; numbers as decimal text.
    public func text(_ name: String) -> String? {
        switch self[name] {
        case .text(let value): value
        case .integer(let value): String(value)
        case .real(let value): String(value)
        case .boolean(let value): value ? "1" : "0"
        case .null, .bytes: nil
        }
    }

    /// nil for NULL, and for anything but a boolean; any number but 0 is true.
    public func bool(_ name: String) -> Bool? {
        switch self[name] {
        case .boolean(let value): value
        case .integer(let value): value != 0
        case .real(let value): value != 0
        case .text(let value):
            switch value.lowercased() {
            case "1", "t", "true": true
            case "", "0", "f", "false": false
            default: nil
            }
        case .null, .bytes: nil
        }
    }

    public func real(_ name: String) -> Double? {
        switch self[name] {
        case .real(let value): value
        case .integer(let value): Double(value)
        case .text(let value): Double(value)
        case .boolean, .null, .bytes: nil
        }
    }
}
