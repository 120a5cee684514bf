internal import CCurl
internal import Glibc

/// One exchange, as libcurl's callbacks see it. Used by the thread that performs it only.
final class HTTPExchange {
    let request: HTTPRequest
    let policy: HTTPPolicy
    private(set) var head = HTTPHead()
    private(set) var kept: [UInt8] = []
    /// Set by a callback that ended the exchange.
    private(set) var fault: HTTPFault?
    private let onProgress: (Int64, Int64) -> Bool
    private let receiver: HTTPSession.Receiver?
    /// In the request's body, and in the response's.
    private var position: Int64 = 0
    private var received: Int64 = 0
    private var headerBytes = 0

    private static let mostHeaderBytes = 64 * 1024

    init(request: HTTPRequest, policy: HTTPPolicy, onProgress: @escaping (Int64, Int64) -> Bool, receive: HTTPSession.Receiver?) {
        self.request = request
        self.policy = policy
        self.onProgress = onProgress
        receiver = receive
    }

    /// The context of a callback is the exchange that `HTTPSession.perform` holds.
    static func of(_ context: UnsafeMutableRawPointer?) -> HTTPExchange {
        guard let context else { preconditionFailure("a callback without its context") }
        return Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
    }

    /// Whether the body goes somewhere as it comes.
    var isStreamed: Bool { receiver != nil }

    /// Scheme, host and port of the request, for messages.
    var server: String {
        let url = request.url
        guard let scheme = url.firstRange(of: "://") else { return String(url.prefix { $0 != "/" && $0 != "?" }) }
        let rest = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // Never a password.
        let host = rest.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest
        return "\(url[..<scheme.upperBound])\(host)"
    }

    func header(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.mostHeaderBytes else { return stop(.tooLarge, "its header has more than 64 KiB") }
        let line = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
        if line.hasPrefix("HTTP/") {
            // Of a redirect or a “100 Continue” before, nothing counts.
            head = HTTPHead()
            kept = []
            received = 0
            head.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            head.fields.append(.init(name: line[..<colon].lowercased(), value: String(value)))
        }
        return true
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if head.isSuccess, let receiver {
            guard receiver(head, received, bytes) else { return stop(.cancelled, "") }
            received += Int64(bytes.count)
            return true
        }
        guard kept.count + bytes.count <= policy.keptBytes else {
            // What an error page says beyond is not needed; a result that is cut would be misread.
            guard !head.isSuccess else { return stop(.tooLarge, "more than \(policy.keptBytes) bytes") }
            kept += bytes.prefix(policy.keptBytes - kept.count)
            return true
        }
        kept += bytes
        return true
    }

    func progress(sent: Int64, received: Int64) -> Bool {
        onProgress(sent, received) || stop(.cancelled, "")
    }

    func allows(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Bool {
        guard let allows = policy.allows else { return true }
        let peer = withUnsafePointer(to: &address.pointee.addr) { PeerAddress($0, length: Int(address.pointee.addrlen)) }
        guard let peer else { return stop(.forbiddenAddress, "no IP address") }
        return allows(peer) || stop(.forbiddenAddress, peer.description)
    }

    /// Nil ends the exchange.
    func send(_ room: UnsafeMutableRawBufferPointer) -> Int? {
        switch request.body {
        case .none: return 0
        case .bytes(let bytes):
            let part = bytes[Int(position)...].prefix(room.count)
            room.copyBytes(from: part)
            position += Int64(part.count)
            return part.count
        case .file(let descriptor, let offset, let length):
            let wanted = min(Int64(room.count), length - position)
            guard wanted > 0 else { return 0 }
            while true {
                let count = pread(descriptor, room.baseAddress, Int(wanted), off_t(offset + position))
                if count < 0, errno == EINTR { continue }
                // A file that got shorter would leave the server waiting.
                guard count > 0 else { return stop(.file(count < 0 ? errno : EIO), "") ? 0 : nil }
                position += Int64(count)
                return count
            }
        }
    }

    func seek(_ offset: Int64, _ origin: CInt) -> Bool {
        guard origin == SEEK_SET, offset >= 0 else { return false }
        position = offset
        return true
    }

    /// Ends the exchange; the first reason stays.
    private func stop(_ kind: HTTPFault.Kind, _ why: String) -> Bool {
        fault = fault ?? HTTPFault(kind, server: server, why: why)
        return false
    }
}
