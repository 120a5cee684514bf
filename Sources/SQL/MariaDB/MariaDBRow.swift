import CMariaDB

/// The memory into which a result's rows are fetched, one after the other.
final class MariaDBRow {
    let binds: MariaDBBinds
    private let names: [String]
    private let kinds: [Kind]

    private enum Kind {
        case integer
        case natural
        case real
        /// As text, because it may have any number of digits.
        case decimal
        case text
    }

    /// - Parameter metadata: of a stored result, so that it has the length of the longest values. Not kept.
    init(_ metadata: UnsafeMutablePointer<MYSQL_RES>) {
        let count = Int(mysql_num_fields(metadata))
        let fields = UnsafeBufferPointer(start: mysql_fetch_fields(metadata), count: count)
        names = fields.map { String(cString: $0.name) }
        kinds = fields.map(Self.kind)
        binds = MariaDBBinds(count: count)
        for index in 0..<count {
            switch kinds[index] {
            case .integer: binds.receive(index, MYSQL_TYPE_LONGLONG, size: 8)
            case .natural:
                binds.receive(index, MYSQL_TYPE_LONGLONG, size: 8)
                binds.first[index].is_unsigned = 1
            case .real: binds.receive(index, MYSQL_TYPE_DOUBLE, size: 8)
            case .decimal, .text:
                // Dates and numbers are converted to text on this side, and are never longer than the minimum.
                binds.receive(index, MYSQL_TYPE_STRING, size: max(128, Int(fields[index].max_length)))
            }
        }
    }

    private static func kind(_ field: MYSQL_FIELD) -> Kind {
        switch field.type {
        case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG, MYSQL_TYPE_YEAR:
            field.flags & UInt32(UNSIGNED_FLAG) == 0 ? .integer : .natural
        case MYSQL_TYPE_FLOAT, MYSQL_TYPE_DOUBLE: .real
        case MYSQL_TYPE_DECIMAL, MYSQL_TYPE_NEWDECIMAL: .decimal
        default: .text
        }
    }

    /// The row fetched last.
    var value: SQLRow { SQLRow(columns: names, values: kinds.indices.map(value)) }

    private func value(_ index: Int) -> SQLValue {
        if binds.isNull(index) { return .null }
        guard let buffer = binds.first[index].buffer else { return .null }
        switch kinds[index] {
        case .integer: return .integer(buffer.load(as: Int64.self))
        case .natural:
            let number = buffer.load(as: UInt64.self)
            return Int64(exactly: number).map(SQLValue.integer) ?? .text(String(number))
        case .real: return .real(buffer.load(as: Double.self))
        case .decimal:
            guard case .text(let text) = binds.text(index) else { return binds.text(index) }
            return Int64(text).map(SQLValue.integer) ?? Double(text).map(SQLValue.real) ?? .text(text)
        case .text: return binds.text(index)
        }
    }
}
