internal import CLinux
internal import Glibc

/// One end of the socket between the daemon and one media child: SOCK_SEQPACKET, so that a record is a message,
/// is bounded by the kernel, and carries open descriptors with it.
///
/// Calls block: use it from a separate thread. Owns its descriptor and closes it.
public final class WireChannel: Sendable {
    /// The descriptor number of a child's end.
    public static let childDescriptor: CInt = 3

    public let descriptor: CInt

    public init(adopting descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// A connected pair; both ends are closed on exec.
    public static func pair() throws(ChannelError) -> (mine: WireChannel, theirs: WireChannel) {
        var ends: [CInt] = [-1, -1]
        let type = CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw ChannelError(call: "socketpair", code: errno)
        }
        return (WireChannel(adopting: ends[0]), WireChannel(adopting: ends[1]))
    }

    /// Sends one message. The caller keeps `descriptors`; the other side gets duplicates.
    public func send(_ message: some WireCodable, descriptors: [CInt] = []) throws {
        let bytes = try WireCoder.encode(message)
        guard clinux_send(descriptor, bytes, bytes.count, descriptors, descriptors.count) >= 0 else {
            throw ChannelError(call: "sendmsg", code: errno)
        }
    }

    /// Waits for one message; nil at the end of the connection. The caller must close the descriptors.
    public func receive<Message: WireCodable>(
        _ type: Message.Type, maxDescriptors: Int = 0
    ) throws -> (message: Message, descriptors: [CInt])? {
        var bytes = [UInt8](repeating: 0, count: WireCoder.limit)
        var descriptors = [CInt](repeating: -1, count: maxDescriptors)
        var count = 0
        let length = clinux_receive(descriptor, &bytes, bytes.count, &descriptors, maxDescriptors, &count)
        guard length >= 0 else { throw ChannelError(call: "recvmsg", code: errno) }
        guard length > 0 else { return nil }
        descriptors.removeLast(maxDescriptors - count)
        do {
            bytes.removeLast(bytes.count - length)
            return (try WireCoder.decode(type, from: bytes), descriptors)
        } catch {
            for descriptor in descriptors { close(descriptor) }
            throw error
        }
    }
}

/// A system call on the channel failed.
public struct ChannelError: Error, CustomStringConvertible, Sendable {
    public let call: String
    public let code: CInt

    public var description: String { "\(call): \(String(cString: strerror(code)))" }
}
