/// A connection to a database server. Its calls block: it lives and dies on one thread of a `ConnectionPool`.
protocol ServerConnection: AnyObject {
    func begin(_ access: SQLAccess) throws(SQLError)
    func commit() throws(SQLError)
    func rollback() throws(SQLError)
    func query(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> [SQLRow]
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> Int
    /// False once it broke: there is nothing left to do with it but `close`.
    var isUsable: Bool { get }
    /// Called once, and last.
    func close()
}

/// What a transaction may do.
enum SQLAccess: Sendable {
    case reading, writing
}

/// Makes connections; called on the pool's threads.
typealias ConnectionFactory = @Sendable (SQLTimeouts) throws(SQLError) -> any ServerConnection
