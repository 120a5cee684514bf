import Jobs
import SQL
import Synchronization

/// A value in a row that none of ours, and none of Fresns', can be: where it stands. The row is passed over, and named.
public struct UnreadableValue: Error, Sendable, Hashable, CustomStringConvertible {
    public var table: String
    public var column: String
    /// The file that the row is of; nil where that is what cannot be read.
    public var fileID: Int64?
    /// What stands there, on one line and cut.
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
            // Quoted, so that no line end in it ends a line of the log.
            case .text(let text): String(text.prefix(40)).debugDescription + (text.count > 40 ? " …" : "")
            case .bytes(let bytes): "\(bytes.count) bytes that are not text"
            }
    }
}

/// Reads the values of one row, none of them as something else than it is.
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

    /// The id that the row is found by.
    func id() throws(UnreadableValue) -> Int64 {
        guard let fileID else { throw failure("id") }
        return fileID
    }

    /// Nil for NULL, and for a column that is not asked for.
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
    /// One table's part of a row, where that has the file's id as `id`.
    func strict(_ row: SQLRow, of table: String) -> StrictRow { StrictRow(row, table: schema.prefix + table, key: "id") }

    /// Looks for jobs whose state is none: no list has them, nobody takes them up, and their files may wait for ever.
    public func noteUnknownStates() async throws {
        let known = JobState.allCases.map(\.rawValue).sorted()
        // Between the known ones, as the index has them: a look that costs nothing however many there are.
        let gaps = zip([String?.none] + known, known.map(Optional.some) + [nil]).map { low, high in
            [low.map { "state > '\($0)'" }, high.map { "state < '\($0)'" }].compactMap(\.self).joined(separator: " AND ")
        }
        let sql = "SELECT file_id, state FROM \(schema.jobs) WHERE \(gaps.map { "(\($0))" }.joined(separator: " OR ")) LIMIT \(Self.mostUnreadable)"
        for row in try await database.read({ session in try session.query(sql) }) {
            note(StrictRow(row, table: schema.prefix + JobTable.name, key: "file_id").failure("state"))
        }
    }

    /// Those of the rows that can be read. The others are remembered, to be told.
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

    /// Remembers a row that was passed over.
    public func note(_ value: UnreadableValue) {
        unreadable.withLock { if $0.count < Self.mostUnreadable { $0.insert(value) } }
    }

    /// What befell the database, and rows of it that cannot be read: sentences for people.
    public var notices: [String] {
        incidents.sentences + unreadable.withLock { $0.map(\.description).sorted() }
    }

    /// Files of which a row cannot be read, as the statements that count take them.
    var isReadable: String {
        let files = unreadable.withLock { Set($0.compactMap(\.fileID)) }
        return files.isEmpty ? "" : " AND f.id NOT IN (\(files.sorted().map(String.init).joined(separator: ", ")))"
    }

    private static let mostUnreadable = 100
}
