internal import Glibc

/// What keeps us from working now and may pass by itself: a sentence. Whoever started us may try again later, as systemd does.
public struct TransientError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// Whether a failed call may succeed later with nobody mending anything in the configuration: a name or a number that is
    /// taken, and what the machine has none left of.
    package static func mayPass(_ code: CInt) -> Bool {
        [
            EADDRINUSE, EADDRNOTAVAIL, EAGAIN, EMFILE, ENFILE, ENOMEM, ENOBUFS, ENOSPC, EDQUOT, EIO, ESTALE, ENODEV, ENOTCONN,
            ETXTBSY, EINTR,
        ].contains(code)
    }
}
