internal import CCurl
internal import Glibc

/// An IP address that a connection is about to be made to.
public struct PeerAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes, in network order.
    public let bytes: [UInt8]
    public let port: UInt16

    public init(bytes: [UInt8], port: UInt16) {
        self.bytes = bytes
        self.port = port
    }

    /// Nil for a text that is no address.
    public init?(_ text: String, port: UInt16 = 0) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.init(bytes: Array(bytes[..<4]), port: port)
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.init(bytes: bytes, port: port)
        } else {
            return nil
        }
    }

    /// Nil for anything but IP.
    init?(_ address: UnsafePointer<sockaddr>, length: Int) {
        switch CInt(address.pointee.sa_family) {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            self = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                var address = pointer.pointee.sin_addr
                return PeerAddress(bytes: withUnsafeBytes(of: &address) { Array($0) }, port: UInt16(bigEndian: pointer.pointee.sin_port))
            }
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            self = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                var address = pointer.pointee.sin6_addr
                return PeerAddress(bytes: withUnsafeBytes(of: &address) { Array($0) }, port: UInt16(bigEndian: pointer.pointee.sin6_port))
            }
        default: return nil
        }
    }

    /// Whether it can be reached from the Internet, by the registries of special-purpose addresses (RFC 6890, IANA). An IPv6 address
    /// that carries an IPv4 address (mapped, translated, 6to4) is judged by that.
    public var isPublic: Bool {
        if bytes.count == 4 { return Self.isPublic4(bytes) }
        guard bytes.count == 16 else { return false }
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff { return Self.isPublic4(Array(bytes[12...])) }
        if bytes[..<12] == [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0] { return Self.isPublic4(Array(bytes[12...])) }
        if bytes[0] == 0x20, bytes[1] == 0x02 { return Self.isPublic4(Array(bytes[2..<6])) }
        // Global unicast is 2000::/3; of that, 2001::/23 and the documentation's prefixes are not for hosts.
        guard bytes[0] & 0xe0 == 0x20 else { return false }
        if bytes[0] == 0x20, bytes[1] == 0x01, bytes[2] < 2 { return false }
        if bytes[..<4] == [0x20, 0x01, 0x0d, 0xb8] { return false }
        return !(bytes[0] == 0x3f && bytes[1] == 0xff && bytes[2] < 0x10)
    }

    private static func isPublic4(_ b: [UInt8]) -> Bool {
        switch (b[0], b[1], b[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (224..., _, _): false
        case (100, 64...127, _), (169, 254, _), (172, 16...31, _), (192, 168, _), (198, 18...19, _): false
        case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113): false
        default: true
        }
    }

    public var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    /// Without the port.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard [4, 16].contains(bytes.count), inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
