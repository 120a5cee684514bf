internal import Glibc
internal import Platform
internal import WorkerConfiguration

/// Checks the socket, the HTTP address and the metrics file: whether the daemon can use them, and who uses them now. Blocks, for
/// some seconds at most.
enum HTTPChecks {
    /// Empty if nothing is configured.
    static func findings(_ configuration: Configuration) -> [Finding] {
        var findings: [Finding] = []
        if let path = configuration.socket { findings.append(socket(path)) }
        if let address = configuration.httpListen {
            findings.append(http(address, configuration))
            if configuration.hasToken { findings.append(token(configuration)) }
            if let names = configuration.httpAllowedHosts { findings.append(.good("allowed hosts", "The dashboard is also served as \(names.map(\.description).joined(separator: ", ")).")) }
        }
        if let path = configuration.metricsFile { findings.append(MetricsChecks.file(path, configuration)) }
        return findings
    }

    // MARK: the Unix socket

    private static let another = "Set another path for “socket”: each daemon needs its own."

    static func socket(_ path: String) -> Finding {
        func bad(_ text: String, _ remedy: String) -> Finding { .bad("socket", text, remedy: remedy) }
        var there = stat()
        let isThere = lstat(path, &there) == 0
        if isThere, there.st_mode & S_IFMT != S_IFSOCK {
            return bad("\(path) is not a socket: the daemon would not replace it.", "Move the file, or set another path for “socket”.")
        }
        switch isThere ? ServiceProbe.ask(.unix(path)) : .nobody {
        case .daemon: return .good("socket", "A daemon accepts notifications at \(path).")
        case .stranger: return bad("Another program, or one that does not answer, listens at \(path).", another)
        case .nobody: break
        }
        if let complaint = FolderCheck.complaint("socket", key: "socket", path: path, isMade: true) { return complaint }
        return .good("socket", "The daemon can listen at \(path).")
    }

    // MARK: HTTP

    /// Everything over HTTP shares one address.
    static func http(_ address: LoopbackAddress, _ configuration: Configuration) -> Finding {
        guard address.port != 0 else { return .good("http", "The daemon picks a free port and logs it.") }
        // Ask before binding, so that a daemon that is just starting does not find the port taken by us.
        switch ServiceProbe.ask(.loopback(address)) {
        case .daemon:
            let shown = [configuration.httpMetrics ? "metrics" : nil, configuration.httpDashboard ? "dashboard" : nil].compactMap(\.self)
            let work = configuration.hasToken ? "accepts notifications" : "serves its \(shown.joined(separator: " and "))"
            return .good("http", "A daemon \(work) at \(address).")
        case .stranger:
            return .bad(
                "http", "Another program, or one that does not answer, listens at \(address).",
                remedy: "Set another port in http.listen, and update its clients: notifiers, Prometheus, browsers.")
        case .nobody: break
        }
        do {
            _ = try ListeningSocket.loopback(address)
            return .good("http", "The daemon can listen at \(address).")
        } catch {
            return .bad("http", "\(error)", remedy: "Set another address in http.listen: a port above 1023, and IPv4 or IPv6 as this machine supports.")
        }
    }

    static func token(_ configuration: Configuration) -> Finding {
        do {
            _ = try configuration.readToken()
        } catch {
            return .bad(
                "token", "\(error)",
                remedy: "Create a token (“openssl rand -hex 24”) in a file that the service's user can read, and give it to the notifying clients.")
        }
        return Finding.openSecret("token", configuration.httpTokenFile)
            ?? .good("token", "The token for HTTP clients is valid.")
    }
}
