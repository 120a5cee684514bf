internal import Platform

/// An answer, after which the connection ends.
struct HTTPResponse: Sendable {
    var status: Int
    var type = "application/json"
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]

    private static let phrases = [
        200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        408: "Request Timeout", 411: "Length Required", 413: "Content Too Large", 417: "Expectation Failed",
        421: "Misdirected Request", 431: "Request Header Fields Too Large", 501: "Not Implemented", 503: "Service Unavailable",
        505: "HTTP Version Not Supported",
    ]

    var bytes: [UInt8] {
        let all = [
            ("Content-Type", type), ("Content-Length", String(body.count)), ("Cache-Control", "no-store"),
            ("Connection", "close"),
        ] + headers.map { ($0.name, $0.value) }
        let head = "HTTP/1.1 \(status) \(Self.phrases[status] ?? "Other")\r\n" + all.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
        return Array(head.utf8) + body
    }
}
