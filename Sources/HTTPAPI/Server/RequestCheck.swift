internal import NIOHTTP1

/// Why a request is refused and the connection closed: a status and a sentence.
struct RequestRefusal: Error, Equatable, Sendable {
    let status: HTTPResponseStatus
    let why: String

    init(_ status: HTTPResponseStatus, _ why: String) {
        self.status = status
        self.why = why
    }

    static let tooSlow = RequestRefusal(.requestTimeout, "The request took too long to arrive.")

    /// Maps the parser's errors.
    init(_ error: HTTPParserError) {
        self = switch error {
        case .headerOverflow: .init(.requestHeaderFieldsTooLarge, "The request header is too long.")
        case .invalidVersion: .init(.httpVersionNotSupported, "Use HTTP/1.1.")
        case .invalidEOFState: .init(.badRequest, "The request ends too early.")
        case .invalidContentLength, .unexpectedContentLength: .init(.badRequest, "Content-Length is invalid.")
        case .invalidChunkSize: .init(.badRequest, "A chunk size is invalid.")
        case .invalidMethod: .init(.badRequest, "The request line is invalid.")
        default: .init(.badRequest, "The request is not HTTP.")
        }
    }
}

/// Refuses ambiguous request heads, and requests for unsupported features.
enum RequestCheck {
    static let methods: [HTTPMethod] = [.GET, .HEAD, .POST, .PUT, .PATCH, .DELETE, .OPTIONS]

    static func check(_ head: HTTPRequestHead) throws(RequestRefusal) {
        guard head.version == .http1_1 || head.version == .http1_0 else { throw RequestRefusal(.httpVersionNotSupported, "Use HTTP/1.1.") }
        guard methods.contains(head.method) else { throw RequestRefusal(.notImplemented, "The method \(head.method.rawValue) is not supported.") }
        // Only the form without a host: the host comes from the header alone.
        guard head.uri.utf8.first == UInt8(ascii: "/") else { throw RequestRefusal(.badRequest, "The request line has no path.") }
        let hosts = head.headers["host"]
        guard hosts.count == 1 || (head.version == .http1_0 && hosts.isEmpty) else {
            throw RequestRefusal(.badRequest, "The request needs exactly one Host header.")
        }
        let isChunked = head.headers.contains(name: "transfer-encoding")
        guard !isChunked || (head.version == .http1_1 && head.headers["transfer-encoding"].map { $0.lowercased() } == ["chunked"]) else {
            throw RequestRefusal(.notImplemented, "The only supported transfer coding is chunked.")
        }
        let lengths = head.headers["content-length"]
        guard lengths.isEmpty || (lengths.count == 1 && !isChunked && lengths[0].utf8.allSatisfy { (48...57).contains($0) }) else {
            throw RequestRefusal(.badRequest, "Content-Length is invalid.")
        }
        let expected = head.headers["expect"].map { $0.lowercased() }
        guard expected.isEmpty || expected == ["100-continue"] else {
            throw RequestRefusal(.expectationFailed, "The only supported expectation is 100-continue.")
        }
    }
}
