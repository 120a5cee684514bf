internal import Configuration
internal import Platform

/// Opens the sockets that the configuration names. What is in the way passes by itself, or somebody has to mend it.
enum Listening {
    /// - Throws: a sentence about the key `socket`: a `ConfigurationError`, or a `TransientError`.
    static func unix(path: String) throws -> ListeningSocket {
        do { return try ListeningSocket.unix(path: path) } catch { throw TransientError.sorted(error.description, error.code) }
    }

    /// - Throws: a sentence about the key `http.listen`: a `ConfigurationError`, or a `TransientError`.
    static func loopback(_ address: LoopbackAddress) throws -> ListeningSocket {
        do { return try ListeningSocket.loopback(address) } catch { throw TransientError.sorted(error.description, error.code) }
    }
}
