/// SQL text with values in it, written as a literal:
///
/// ```swift
/// let query: Query = "SELECT id FROM \(schema.jobs) WHERE token = \(token) AND \(isDue)\(isLocking ? " FOR UPDATE" : "")"
/// ```
///
/// - A value (`SQLBindable`) is bound: the database gets it beside the text, and never reads it as SQL.
/// - A query is spliced, with its values. So is a literal within an interpolation: its words are the program's own.
/// - Any other text becomes SQL only as `\(sql: text)`: for the names of columns and the like, never for input.
///
/// No placeholder is counted by hand: `text(for:)` places and numbers them when a driver sends the whole query. Queries that
/// differ only in their values have the same text, so that a prepared statement serves all of them.
public struct Query: Sendable, Equatable {
    /// Before, between and after the values: one more than them.
    var texts = [""]
    private(set) var values: [SQLValue] = []

    public init(sql: String) { texts = [sql] }

    private init() {}

    /// With a placeholder for each value.
    public func text(for dialect: SQLDialect) -> String {
        var whole = texts[0]
        for (number, text) in zip(1..., texts.dropFirst()) { whole += dialect.placeholder(number) + text }
        return whole
    }

    private mutating func append(sql: String) { texts[texts.count - 1] += sql }

    private mutating func append(_ value: SQLValue) {
        values.append(value)
        texts.append("")
    }

    private mutating func append(_ query: Query) {
        append(sql: query.texts[0])
        texts += query.texts.dropFirst()
        values += query.values
    }
}

extension Query: ExpressibleByStringInterpolation {
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var query = Query()

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ literal: String) { query.append(sql: literal) }

        public mutating func appendInterpolation(_ query: Query) { self.query.append(query) }

        /// Disfavoured, so that a literal is a query: `\(isFirst ? "ASC" : "DESC")` would bind a `String` otherwise.
        @_disfavoredOverload
        public mutating func appendInterpolation(_ value: (some SQLBindable)?) { query.append(value.sqlValue) }

        public mutating func appendInterpolation(sql: String) { query.append(sql: sql) }
    }

    public init(stringLiteral sql: String) { self.init(sql: sql) }

    public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.query }
}

extension Query {
    /// The values with commas between them, for `IN (…)`.
    public static func list(_ values: [some SQLBindable]) -> Query { values.map { "\($0)" as Query }.joined(separator: ", ") }
}

extension Sequence<Query> {
    public func joined(separator: Query) -> Query {
        var all = makeIterator()
        guard let first = all.next() else { return "" }
        return IteratorSequence(all).reduce(first) { "\($0)\(separator)\($1)" }
    }
}
