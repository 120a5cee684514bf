internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Platform
internal import Synchronization

/// Serves HTTP/1.1 on several listening sockets, all on one thread. May be used from any task.
final class HTTPServer: Sendable {
    /// A socket and its routes.
    struct Endpoint: Sendable {
        let socket: ListeningSocket
        let explain: @Sendable (String) -> [UInt8]
        let responder: RouterResponder<APIRequestContext>

        /// - Parameters:
        ///   - explain: the JSON body of an error with this sentence.
        ///   - addRoutes: adds the routes to serve there.
        init(
            _ socket: ListeningSocket, explain: @escaping @Sendable (String) -> [UInt8], addRoutes: (Router<APIRequestContext>) throws -> Void
        ) rethrows {
            let router = Router(context: APIRequestContext.self)
            router.add(middleware: ErrorsAsJSON(explain: explain))
            try addRoutes(router)
            self.socket = socket
            self.explain = explain
            responder = router.buildResponder()
        }
    }

    private typealias Connections = NIOAsyncChannel<ConnectionChannel.Value, Never>

    private let group: MultiThreadedEventLoopGroup
    private let table: ConnectionTable
    private let channels: [any Channel]
    private let serving: Task<Void, Never>
    /// The files of Unix sockets are removed with these.
    private let sockets: Mutex<[ListeningSocket]>
    private let limits: ConnectionLimits

    /// Starts serving. Throws a `ListeningError` if the machine has no descriptor or thread left.
    init(_ endpoints: [Endpoint], limits: ConnectionLimits = ConnectionLimits(), log: Logger) async throws {
        sockets = Mutex(endpoints.map(\.socket))
        self.limits = limits
        // NIO would trap if it got none of these.
        try endpoints.first?.socket.requireRoom(descriptors: 4 + endpoints.count)
        // One thread: the work happens elsewhere, and the processors are for media.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.group = group
        let table = ConnectionTable(most: limits.connections)
        self.table = table
        do {
            var servers: [(Connections, ConnectionChannel)] = []
            for endpoint in endpoints {
                let channel = Self.channel(endpoint, table, limits, log)
                servers.append((try await Self.accept(endpoint.socket, channel, table, group, log), channel))
            }
            channels = servers.map(\.0.channel)
            let running = servers
            serving = Task { await Self.serve(running, log) }
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Accepts no more connections, lets pending responses finish within their timeout, and closes the rest. Once.
    func close() async {
        for channel in channels { try? await channel.close() }
        // Connections in the backlog need not wait longer.
        sockets.withLock { $0 = [] }
        table.end(.whenAnswered)
        let deadline = group.any().scheduleTask(in: TimeAmount(limits.writing)) { [table, serving] in
            table.end(.now)
            serving.cancel()
        }
        await table.empty()
        await serving.value
        deadline.cancel()
        try? await group.shutdownGracefully()
    }

    private static func channel(
        _ endpoint: Endpoint, _ table: ConnectionTable, _ limits: ConnectionLimits, _ log: Logger
    ) -> ConnectionChannel {
        // Not the endpoint itself: its socket closes before the connections do.
        ConnectionChannel(limits: limits, table: table, explain: endpoint.explain) { [responder = endpoint.responder] request, writer, channel in
            let context = APIRequestContext(source: ApplicationRequestContextSource(channel: channel, logger: log))
            var response = try await responder.respond(to: request, context: context)
            if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
            try await writer.write(response: response.head, body: response.body)
        }
    }

    private static func accept(
        _ socket: ListeningSocket, _ connection: ConnectionChannel, _ table: ConnectionTable, _ group: MultiThreadedEventLoopGroup,
        _ log: Logger
    ) async throws -> Connections {
        // The bootstrap closes the descriptor it is given; the socket closes its own.
        let descriptor = try socket.duplicate()
        return try await ServerBootstrap(group: group)
            // One at a time, so that the table's limit holds.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(ConnectionGate(table)) }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(descriptor) { channel in connection.setup(channel: channel, logger: log) }
    }

    private static func serve(_ servers: [(Connections, ConnectionChannel)], _ log: Logger) async {
        await withDiscardingTaskGroup { group in
            for (server, channel) in servers {
                group.addTask {
                    // It ends by `close`; a remaining error is that of a broken connection.
                    try? await server.executeThenClose { connections in
                        await withDiscardingTaskGroup { group in
                            do {
                                for try await connection in connections {
                                    group.addTask { await channel.handle(value: connection, logger: log) }
                                }
                            } catch {
                                log.error("The HTTP server stopped accepting connections: \(error)")
                            }
                        }
                    }
                }
            }
        }
    }
}
