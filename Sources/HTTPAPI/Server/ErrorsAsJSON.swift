internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Turns every error into a JSON object with a sentence. The first middleware of each router, and of routes whose errors differ.
struct ErrorsAsJSON: RouterMiddleware {
    typealias Context = APIRequestContext

    /// `{"error":"…"}`
    @Sendable static func plain(_ sentence: String) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return ((try? encoder.encode(["error": sentence])).map(Array.init) ?? Array("{}".utf8)) + [UInt8(ascii: "\n")]
    }

    /// The response body for this sentence.
    let explain: @Sendable (String) -> [UInt8]

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            // Each path has exactly one spelling, so that a proxy's rules for it hold.
            let path = request.uri.path
            guard path == "/" || !(path.hasSuffix("/") || path.contains("//")) else { throw HTTPError(.notFound) }
            return try await next(request, context)
        } catch let error as HTTPError {
            return .json(error.status, explain(error.body ?? Self.sentence(error.status)), headers: error.headers)
        } catch is NIOTooManyBytesError {
            return .json(.contentTooLarge, explain(Self.sentence(.contentTooLarge)))
        } catch where error is HTTPParserError || error is ReadTimeout || error is ChannelError || error is CancellationError {
            // The connection has responded itself, or is gone.
            throw error
        } catch {
            context.logger.error("\(request.method) \(path(of: request)) failed: \(error)")
            return .json(.internalServerError, explain("The request failed; see the log."))
        }
    }

    private func path(of request: Request) -> String { String(request.uri.path.prefix(100)) }

    private static func sentence(_ status: HTTPResponse.Status) -> String {
        switch status {
        case .notFound: "Not found."
        case .contentTooLarge: "The body is too long."
        default: "The request cannot be served: \(status.reasonPhrase)."
        }
    }
}
