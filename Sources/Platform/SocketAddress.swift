public import Glibc

/// A socket's address in the C interface's shapes.
public enum SocketAddress {
    case unix(String)
    case loopback(LoopbackAddress)

    public var family: CInt {
        switch self {
        case .unix: AF_UNIX
        case .loopback(let address): address.family == .version4 ? AF_INET : AF_INET6
        }
    }

    /// Lends it for system calls. A path must fit `sun_path` with its terminator.
    public func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch self {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { room in
                precondition(path.utf8.count < room.count)
                room.copyBytes(from: path.utf8)
            }
            return Self.lend(&address, body)
        case .loopback(let wanted) where wanted.family == .version4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = wanted.port.bigEndian
            address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
            return Self.lend(&address, body)
        case .loopback(let wanted):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = wanted.port.bigEndian
            address.sin6_addr = in6addr_loopback
            return Self.lend(&address, body)
        }
    }

    /// The port that a socket was assigned.
    public static func port(of descriptor: CInt) -> UInt16? {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
        }
        // The port has the same offset in both families' addresses.
        return isKnown ? UInt16(bigEndian: address.sin6_port) : nil
    }

    /// A cast of the struct, as the C interface requires; valid during the call only.
    private static func lend<Address, Result>(
        _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
        }
    }
}
