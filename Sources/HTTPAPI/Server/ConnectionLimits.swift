/// What a caller may take of the server.
struct ConnectionLimits: Sendable {
    /// For a whole request to come, from the connection's beginning or the last answer's end.
    var reading = Duration.seconds(5)
    /// For a whole answer to be taken.
    var writing = Duration.seconds(5)
    /// For what is still sent to a connection that is over: it is read and discarded, so that the caller gets to read the answer.
    var closing = Duration.seconds(1)
    /// Of that, in bytes.
    var discarded = 1 << 20
    /// Bytes of a request's head.
    var head = 4096
    /// At a time, on all sockets of a server; one more for each socket where a connection that was idle begins to ask at that moment.
    var connections = 32

    init() {}
}

/// What a route allows in place of the server's limits.
struct RequestLimits: Sendable, Equatable {
    /// Bytes of the body. 0: there may be none.
    var body: Int
    /// For the request to come, from its head on. Nil: the server's limit.
    var reading: TimeLimit?
    /// For the answer to be taken. Nil: the server's limit.
    var writing: TimeLimit?

    init(body: Int = 0, reading: TimeLimit? = nil, writing: TimeLimit? = nil) {
        self.body = body
        self.reading = reading
        self.writing = writing
    }

    /// A connection that has limits of its own is not closed to make room for others.
    var areOwn: Bool { reading != nil || writing != nil }
}

enum TimeLimit: Sendable, Equatable {
    case whole(Duration)
    /// However long all of it takes: from one part that comes, or is taken, to the next. What we take to use a part, or to make
    /// one, does not count.
    case pause(Duration)
}
