/// The head of an HTTP/1.1 request, read strictly: what could be read in two ways is refused.
struct HTTPRequest: Sendable {
    let method: String
    let path: String
    /// Names in lower case, in their order.
    let headers: [(name: String, value: String)]
    /// Bytes of the body, as announced; nil where nothing is.
    let contentLength: Int?
    /// Where the body begins.
    let headLength: Int

    static let longestHead = 4096

    /// nil: the head is not whole yet.
    init?(_ bytes: [UInt8]) throws(HTTPRefusal) {
        guard let end = Self.end(of: bytes) else {
            if bytes.count > Self.longestHead { throw HTTPRefusal(431, "The head of the request is too long.") }
            return nil
        }
        guard end <= Self.longestHead else { throw HTTPRefusal(431, "The head of the request is too long.") }
        // Without the CR LF of the empty line; each line's own is still at its end.
        var lines = bytes[..<(end - 2)].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        guard lines.allSatisfy({ $0.last == UInt8(ascii: "\r") && $0.dropLast().allSatisfy(Self.isText) }) else {
            throw HTTPRefusal(400, "A line of the request holds or ends with what it may not.")
        }
        let request = lines.removeFirst().dropLast().split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard request.count == 3, !request[0].isEmpty, request[0].allSatisfy(Self.isToken), request[1].first == UInt8(ascii: "/") else {
            throw HTTPRefusal(400, "The first line is no request.")
        }
        let version = String(decoding: request[2], as: UTF8.self)
        guard ["HTTP/1.1", "HTTP/1.0"].contains(version) else { throw HTTPRefusal(505, "HTTP/1.1 is spoken here.") }
        method = String(decoding: request[0], as: UTF8.self)
        path = String(decoding: request[1].prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
        headLength = end
        var headers: [(name: String, value: String)] = []
        for line in lines { headers.append(try Self.header(line.dropLast())) }
        self.headers = headers
        func values(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }
        guard values("host").count == 1 || (version == "HTTP/1.0" && values("host").isEmpty) else {
            throw HTTPRefusal(400, "The request must name one host.")
        }
        guard values("transfer-encoding").isEmpty else { throw HTTPRefusal(501, "A body in chunks is not taken.") }
        guard values("expect").isEmpty else { throw HTTPRefusal(417, "Nothing is promised before the body.") }
        let lengths = values("content-length")
        if lengths.isEmpty {
            contentLength = nil
        } else {
            guard lengths.count == 1, lengths[0].utf8.count <= 9, lengths[0].utf8.allSatisfy({ (48...57).contains($0) }),
                let length = Int(lengths[0])
            else { throw HTTPRefusal(400, "Content-Length is no length.") }
            contentLength = length
        }
    }

    /// The only value of a header; nil where there is none, or more than one.
    subscript(header: String) -> String? {
        let values = headers.filter { $0.name == header }
        return values.count == 1 ? values[0].value : nil
    }

    /// Whether it names this machine by its loopback's names, at whatever port: a tunnel may end at another one.
    var isForLocalHost: Bool {
        guard let host = self["host"]?.lowercased() else { return false }
        return ["127.0.0.1", "localhost", "[::1]"].contains { name in
            guard host.hasPrefix(name) else { return false }
            let rest = host.dropFirst(name.count)
            return rest.isEmpty || (rest.first == ":" && rest.dropFirst().utf8.allSatisfy { (48...57).contains($0) })
        }
    }

    /// Behind the empty line.
    private static func end(of bytes: [UInt8]) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard bytes.count >= mark.count else { return nil }
        return (0...(min(bytes.count, longestHead + 4) - mark.count)).first { bytes[$0..<($0 + 4)].elementsEqual(mark) }
            .map { $0 + 4 }
    }

    private static func header(_ line: ArraySlice<UInt8>) throws(HTTPRefusal) -> (name: String, value: String) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex, line[..<colon].allSatisfy(isToken) else {
            throw HTTPRefusal(400, "A line of the head is no header.")
        }
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let value = line[(colon + 1)...].drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return (String(decoding: line[..<colon], as: UTF8.self).lowercased(), String(decoding: value, as: UTF8.self))
    }

    private static func isText(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\t") || (byte >= 0x20 && byte != 0x7F) }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

/// Why a request is not served: a status and a sentence.
struct HTTPRefusal: Error, Equatable, Sendable {
    let status: Int
    let why: String

    init(_ status: Int, _ why: String) {
        self.status = status
        self.why = why
    }
}
