/// Where a database server is, and who we are to it. May be printed: the password is not.
public struct SQLServer: Sendable, Equatable {
    /// A name or an address; for PostgreSQL also the folder of its Unix socket, with a leading slash.
    public var host: String
    public var port: Int
    /// MariaDB's Unix socket, or the folder of PostgreSQL's, used in place of the host.
    public var socket: String?
    public var database: String
    public var user: String
    public var password: SQLPassword
    public var encryption: SQLEncryption
    /// PostgreSQL's `search_path`, as Laravel sets it.
    public var searchPath: String

    public init(
        host: String = "127.0.0.1", port: Int, socket: String? = nil, database: String, user: String,
        password: SQLPassword = SQLPassword(""), encryption: SQLEncryption = .preferred, searchPath: String = "public"
    ) {
        self.host = host
        self.port = port
        self.socket = socket
        self.database = database
        self.user = user
        self.password = password
        self.encryption = encryption
        self.searchPath = searchPath
    }

    /// For messages: `fresns on 127.0.0.1:3306`.
    public var name: String {
        if let socket { return "\(database) on \(socket)" }
        return host.hasPrefix("/") ? "\(database) on \(host)" : "\(database) on \(host):\(port)"
    }
}

/// A password. Every way of printing it prints dots.
public struct SQLPassword: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let text: String

    public init(_ text: String) { self.text = text }

    public var description: String { text.isEmpty ? "none" : "•••" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// How far the way to a server is protected.
public enum SQLEncryption: Sendable, Equatable {
    case off
    /// Where the server can; nobody is kept from reading along by pretending that it cannot.
    case preferred
    /// Encrypted, whoever is at the other end.
    case required
    /// And its certificate is signed by one in the file `authority`; the system's own where that is nil.
    case authority(String?)
    /// And the certificate is the host's that was asked for.
    case host(authority: String?)
}

/// How long a server is waited for before a call fails.
public struct SQLTimeouts: Sendable, Equatable {
    /// For the connection to stand.
    public var connecting = Duration.seconds(10)
    /// For another's lock: `.busy`.
    public var locks = Duration.seconds(10)
    /// For one statement, its locks included: `.busy`. Then the server has given up; where it says nothing even so,
    /// the connection is `.gone` a few seconds later.
    public var statements = Duration.seconds(60)

    public init() {}

    /// For statements about tables, which may have a million rows to go through.
    var forDefinitions: SQLTimeouts {
        var timeouts = self
        timeouts.statements = .seconds(4 * 3600)
        return timeouts
    }

    /// How much longer than it should have taken a server may be silent about a statement.
    var slack = Duration.seconds(5)

    var silence: Duration { statements + slack }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
