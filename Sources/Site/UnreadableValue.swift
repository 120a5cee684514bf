import Jobs
import SQL
import Synchronization
internal import Verdicts

/// The location of a value that neither transcoder nor Fresns writes. The row is skipped, and reported.
public struct UnreadableValue: Error, Sendable, Hashable, CustomStringConvertible {
    public var table: String
    public var column: String
    /// The row's file; nil if that is the unreadable value.
    public var fileID: Int64?
    /// The value, on one line and truncated.
    public var value: String

    public var description: String {
        "The row of file \(fileID.map(String.init) ?? "?") in \(table) is skipped: its \(column) is \(value)."
    }

    init(_ table: String, _ column: String, _ fileID: Int64?, _ value: SQLValue) {
        self.table = table
        self.column = column
        self.fileID = fileID
        self.value =
            switch value {
            case .null: "NULL"
            case .integer(let number): String(number)
            case .real(let number): String(number)
            case .boolean(let flag): String(flag)
            // Quoted, so that a line break in it does not break the log line.
            case .text(let text): String(text.prefix(40)).debugDescription + (text.count > 40 ? " …" : "")
            case .bytes(let bytes): "\(bytes.count) bytes that are not text"
            }
    }
}

/// Reads the values of one row strictly, without conversions.
struct StrictRow {
    let row: SQLRow
    let table: String
    let fileID: Int64?

    /// - Parameter key: the column of the file's id.
    init(_ row: SQLRow, table: String, key: String) {
        self.row = row
        self.table = table
        fileID = row.int(key)
    }

    func failure(_ column: String) -> UnreadableValue { UnreadableValue(table, column, fileID, row[column]) }

    /// The ID that identifies the row.
    func id() throws(UnreadableValue) -> Int64 {
        guard let fileID else { throw failure("id") }
        return fileID
    }

    /// Nil for NULL, and for a column that was not selected.
    func whole(_ column: String, in range: ClosedRange<Int64> = .min ... .max) throws(UnreadableValue) -> Int64? {
        if row[column].isNull { return nil }
        guard let number = row.int(column), range.contains(number) else { throw failure(column) }
        return number
    }

    func text(_ column: String) throws(UnreadableValue) -> String? {
        if row[column].isNull { return nil }
        guard let text = row.text(column) else { throw failure(column) }
        return text
    }

    func flag(_ column: String) throws(UnreadableValue) -> Bool? {
        if row[column].isNull { return nil }
        guard let flag = row.bool(column) else { throw failure(column) }
        return flag
    }
}

extension Site {
    /// One table's part of a row whose `id` is the file's ID.
    func strict(_ row: SQLRow, of table: String) -> StrictRow { StrictRow(row, table: schema.prefix + table, key: "id") }

    /// Finds jobs with an invalid state: no list shows them, no worker claims them, and their files may wait forever.
    public func noteUnknownStates() async throws {
        let known = JobState.allCases.map(\.rawValue).sorted()
        // Between the known states, in the order of the index: a query that costs nothing however many jobs there are.
        let between = zip(known, known.dropFirst()).map { "(state > \($0) AND state < \($1))" as Query }
        let gaps = ["state < \(known.first)", "state > \(known.last)"] + between
        let sql: Query = """
            SELECT file_id, state FROM \(schema.jobs) WHERE \(gaps.joined(separator: " OR ")) LIMIT \(Self.mostUnreadable)
            """
        for row in try await database.read({ session in try session.query(sql) }) {
            note(StrictRow(row, table: schema.prefix + JobTable.name, key: "file_id").failure("state"))
        }
    }

    /// The readable rows. The others are remembered, to be reported.
    func readable<T>(_ rows: [SQLRow], _ read: (SQLRow) throws(UnreadableValue) -> T) -> [T] {
        rows.compactMap { row in
            do throws(UnreadableValue) {
                return try read(row)
            } catch {
                note(error)
                return nil
            }
        }
    }

    /// Remembers a skipped row.
    public func note(_ value: UnreadableValue) {
        unreadable.withLock { if $0.count < Self.mostUnreadable { $0.insert(value) } }
    }

    /// Database incidents, and unreadable rows: sentences for people.
    public var notices: [String] {
        incidents.sentences + unreadable.withLock { $0.map(\.description).sorted() }
    }

    /// Files with an unreadable row, for the counting statements.
    var isReadable: Query {
        let files = unreadable.withLock { Set($0.compactMap(\.fileID)) }
        return files.isEmpty ? "" : " AND f.id NOT IN (\(.list(files.sorted())))"
    }

    private static let mostUnreadable = 100
}
