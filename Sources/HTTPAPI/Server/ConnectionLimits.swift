/// The limits of a client.
struct ConnectionLimits: Sendable {
    /// For a complete request to arrive, from the start of the connection or the end of the last response.
    var reading = Duration.seconds(5)
    /// For a complete response to be received.
    var writing = Duration.seconds(5)
    /// For what a closing connection still sends: it is read and discarded, so that the client can read the response.
    var closing = Duration.seconds(1)
    /// The same, in bytes.
    var discarded = 1 << 20
    /// Bytes of a request head.
    var head = 4096
    /// Concurrent connections on all sockets of a server; one more per socket if an idle connection starts a request at that moment.
    var connections = 32

    init() {}
}

/// A route's own limits instead of the server's.
struct RequestLimits: Sendable, Equatable {
    /// Bytes of the body. 0: no body.
    var body: Int
    /// For the request to arrive, counted from its head. Nil: the server's limit.
    var reading: TimeLimit?
    /// For the response to be received. Nil: the server's limit.
    var writing: TimeLimit?

    init(body: Int = 0, reading: TimeLimit? = nil, writing: TimeLimit? = nil) {
        self.body = body
        self.reading = reading
        self.writing = writing
    }

    /// A connection with its own limits is not closed to make room for others.
    var areOwn: Bool { reading != nil || writing != nil }
}

enum TimeLimit: Sendable, Equatable {
    case whole(Duration)
    /// A timeout between parts, however long the whole takes. The server's own time to process or produce a part
    /// does not count.
    case pause(Duration)
}
