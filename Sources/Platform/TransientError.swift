internal import Glibc

/// A problem that may pass by itself: a sentence. Whoever started us may try again later, as systemd does.
public struct TransientError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// Whether a failed call may succeed later without a change of the configuration: an address in
    /// use, or exhausted resources of the machine.
    package static func mayPass(_ code: CInt) -> Bool {
        [
            EADDRINUSE, EADDRNOTAVAIL, EAGAIN, EMFILE, ENFILE, ENOMEM, ENOBUFS, ENOSPC, EDQUOT, EIO, ESTALE, ENODEV, ENOTCONN,
            ETXTBSY, EINTR,
        ].contains(code)
    }
}
