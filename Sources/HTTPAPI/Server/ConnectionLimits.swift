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
