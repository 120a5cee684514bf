/// A connection to a database server. Its calls block: it stays on one thread of a `ConnectionPool`.
protocol ServerConnection: AnyObject {
    func begin(_ access: SQLAccess) throws(SQLError)
    func commit() throws(SQLError)
    func rollback() throws(SQLError)
    func query(_ query: Query) throws(SQLError) -> [SQLRow]
    func execute(_ query: Query) throws(SQLError) -> Int
    /// False once it broke: then only `close` is left.
    var isUsable: Bool { get }
    /// Called once, and last.
    func close()
}

/// The access mode of a transaction.
enum SQLAccess: Sendable {
    case reading, writing
}

/// Opens connections; called on the pool's threads.
typealias ConnectionFactory = @Sendable (SQLTimeouts) throws(SQLError) -> any ServerConnection
