import Foundation
import Glibc
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Platform
import WorkerConfiguration
@testable import HTTPAPI

/// A server that gives bodies back in reverse; its folder goes with it.
final class EchoServer: Sendable {
    static let token = "0123456789abcdef-token"
    private let folder = FileManager.default.temporaryDirectory.appending(path: "h-\(UUID().uuidString.prefix(8))").path
    var path: String { folder + "/s" }

    init() { try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    func serve(
        _ socket: ListeningSocket? = nil, limits: ConnectionLimits = ConnectionLimits(),
        respond: @escaping @Sendable ([UInt8]) async -> [UInt8] = { $0.reversed() }, addRoutes: (Router<APIRequestContext>) -> Void = { _ in }
    ) async throws -> HTTPServer {
        let endpoint = HTTPServer.Endpoint(
            try socket ?? .unix(path: path), explain: { Array("{\"error\":\"\($0)\"}\n".utf8) }
        ) { router in
            router.serve(.post, "/echo", RouteRules(limits: RequestLimits(body: 1024))) { request, _ in
                let body = try await request.body.collect(upTo: 1024)
                return .json(.ok, await respond(Array(body.readableBytesView)))
            }
            let secret = RouteRules(token: BearerToken(Self.token), limits: RequestLimits(body: 1024))
            router.serve(.post, "/secret", secret) { _, _ in .json(.ok, []) }
            router.serve(.get, "/local", RouteRules(needsLocalHost: true)) { _, _ in .json(.ok, Array("here".utf8)) }
            router.serve(.get, "/open") { _, _ in .json(.ok, Array("open".utf8)) }
            addRoutes(router)
        }
        return try await HTTPServer([endpoint], limits: limits, log: Self.log)
    }

    static func request(_ body: String = "abc", _ more: String = "Connection: close\r\n", path: String = "/echo") -> String {
        "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\(more)\r\n\(body)"
    }
}
