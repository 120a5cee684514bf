internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import MediaWire
internal import NIOCore
internal import Platform

/// Where a request comes from: which page sent it, and who says to have sent it.
struct RequestSource: Sendable {
    /// Whether a page of another site cannot have sent it. A browser adds the password that it remembers to every request, whichever
    /// page makes it; a bearer token is only sent by a program that knows it.
    let isSameOrigin: Bool
    /// For the log: on one line, and only what the caller says, apart from the address.
    let description: String

    init(_ request: Request, _ context: APIRequestContext) {
        isSameOrigin = Self.isSameOrigin(request.headers, host: request.head.authority)
        let address = context.channel.remoteAddress?.ipAddress ?? "this machine"
        var parts = [Self.userName(request.headers[.authorization]).map { "“\($0)” at \(address)" } ?? address]
        // We listen on the loopback: behind a proxy, only this tells the people apart.
        if let name = HTTPField.Name("X-Forwarded-For"), let forwarded = request.headers[name] {
            parts.append("forwarded for \(PlainText.line(String(forwarded.prefix(100))))")
        }
        description = parts.joined(separator: ", ")
    }

    /// `Sec-Fetch-Site` is a browser's own word, which no page can change. Without it, `Origin` must name the requested host; without
    /// both, it is no browser's request, and needs a bearer token.
    private static func isSameOrigin(_ headers: HTTPFields, host: String?) -> Bool {
        if let name = HTTPField.Name("Sec-Fetch-Site") {
            let words = headers[values: name]
            if !words.isEmpty { return words == ["same-origin"] }
        }
        let origins = headers[values: .origin]
        if !origins.isEmpty {
            guard origins.count == 1, let host, let named = HostName(host) else { return false }
            return ["http://", "https://"].contains { scheme in
                origins[0].hasPrefix(scheme) && HostName(String(origins[0].dropFirst(scheme.count))) == named
            }
        }
        return headers[.authorization]?.lowercased().hasPrefix("bearer ") == true
    }

    /// Of a Basic `Authorization`: any name is accepted, so it proves nothing.
    private static func userName(_ header: String?) -> String? {
        guard let header, header.lowercased().hasPrefix("basic "), let pair = Data(base64Encoded: String(header.dropFirst(6).drop { $0 == " " })),
            let colon = pair.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        let name = PlainText.line(String(String(decoding: pair[..<colon], as: UTF8.self).prefix(64)))
        return name.isEmpty ? nil : name
    }
}
