import CPostgreSQL

/// The rows of a result, read during its lifetime.
struct PostgreSQLAnswer {
    /// Of a successful statement; its creator clears it after the last use.
    let result: OpaquePointer

    /// Type OIDs, fixed in PostgreSQL's catalogue.
    private enum Kind {
        case boolean, integer, real, number, text

        init(_ type: Oid) {
            self =
                switch type {
                case 16: .boolean
                case 20, 21, 23, 26: .integer
                case 700, 701: .real
                case 1700: .number
                default: .text
                }
        }
    }

    var rows: [SQLRow] {
        let fields = 0..<PQnfields(result)
        let names = fields.map { String(cString: PQfname(result, $0)) }
        let kinds = fields.map { Kind(PQftype(result, $0)) }
        return (0..<PQntuples(result)).map { row in
            SQLRow(columns: names, values: fields.map { value(row, $0, kinds[Int($0)]) })
        }
    }

    private func value(_ row: Int32, _ column: Int32, _ kind: Kind) -> SQLValue {
        if PQgetisnull(result, row, column) == 1 { return .null }
        let bytes = UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
        // In a database with encoding SQL_ASCII, nothing is converted.
        guard let text = String(validating: bytes, as: UTF8.self) else { return .bytes(Array(bytes)) }
        switch kind {
        case .boolean: return .boolean(text == "t")
        case .integer: return Int64(text).map(SQLValue.integer) ?? .text(text)
        case .real: return Double(text).map(SQLValue.real) ?? .text(text)
        // A sum of integers is one, too.
        case .number: return Int64(text).map(SQLValue.integer) ?? Double(text).map(SQLValue.real) ?? .text(text)
        case .text: return .text(text)
        }
    }
}
