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
