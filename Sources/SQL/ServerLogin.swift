/// The address of a database server, with our login. May be printed: the password is hidden.
public struct ServerLogin: Sendable, Equatable {
    /// A name or an address; for PostgreSQL also the folder of its Unix socket, with a leading slash.
    public var host: String
    public var port: Int
    /// MariaDB's Unix socket, or the folder of PostgreSQL's, used instead of the host.
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

/// A password. Printing it in any way prints dots.
public struct SQLPassword: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let text: String

    public init(_ text: String) { self.text = text }

    public var description: String { text.isEmpty ? "none" : "•••" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// How the connection to a server is protected.
public enum SQLEncryption: Sendable, Equatable {
    case off
    /// If the server supports it; open to downgrade attacks.
    case preferred
    /// Encrypted, without checking the other end.
    case required
    /// The certificate must be signed by one in the file `authority`; by the system's if nil.
    case authority(String?)
    /// The certificate must also match the host.
    case host(authority: String?)
}

/// Timeouts for a server.
public struct SQLTimeouts: Sendable, Equatable {
    /// For connecting.
    public var connecting = Duration.seconds(10)
    /// For another session's lock: `.busy`.
    public var locks = Duration.seconds(10)
    /// For one statement, including its locks: `.busy`. Then the server has given up; if it stays silent even then,
    /// the connection is `.gone` a few seconds later.
    public var statements = Duration.seconds(60)

    public init() {}

    /// For DDL statements, which may have to process a million rows.
    var forDefinitions: SQLTimeouts {
        var timeouts = self
        timeouts.statements = .seconds(4 * 3600)
        return timeouts
    }

    /// The additional time a server may be silent beyond a statement's timeout.
    var slack = Duration.seconds(5)

    var silence: Duration { statements + slack }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
