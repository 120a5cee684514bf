internal import Glibc
internal import Platform
internal import WorkerConfiguration

/// What the daemon opens to others, and the file that it leaves for them: whether it could, and who is there by now. Blocks, for
/// some seconds at most.
enum HTTPChecks {
    /// Nothing where nothing is configured.
    static func findings(_ configuration: Configuration) -> [Finding] {
        var findings: [Finding] = []
        if let path = configuration.socket { findings.append(socket(path)) }
        if let address = configuration.httpListen {
            findings.append(http(address, configuration))
            if configuration.hasToken { findings.append(token(configuration)) }
        }
        if let path = configuration.metricsFile { findings.append(MetricsChecks.file(path, configuration)) }
        return findings
    }

    // MARK: the Unix socket

    private static let another = "Name another path for “socket”: each daemon needs one of its own."

    static func socket(_ path: String) -> Finding {
        func bad(_ text: String, _ remedy: String) -> Finding { .bad("socket", text, remedy: remedy) }
        var there = stat()
        let isThere = lstat(path, &there) == 0
        if isThere, there.st_mode & S_IFMT != S_IFSOCK {
            return bad("\(path) is no socket: the daemon would not replace it.", "Move it away, or name another path for “socket”.")
        }
        switch isThere ? ServiceProbe.ask(.unix(path)) : .nobody {
        case .daemon: return .good("socket", "A daemon takes notifications at \(path).")
        case .stranger: return bad("Another program listens at \(path), or one that does not answer.", another)
        case .nobody: break
        }
        if let complaint = FolderCheck.complaint("socket", key: "socket", path: path, isMade: true) { return complaint }
        return .good("socket", "The daemon can listen at \(path); nobody does now.")
    }

    // MARK: HTTP

    /// One address for all that is spoken over HTTP.
    static func http(_ address: LoopbackAddress, _ configuration: Configuration) -> Finding {
        guard address.port != 0 else { return .good("http", "The daemon takes a port that is free; its log names it.") }
        // Asked before it is tried: a daemon that starts at this moment is not to find the port taken by us.
        switch ServiceProbe.ask(.loopback(address)) {
        case .daemon:
            let shown = [configuration.httpMetrics ? "metrics" : nil, configuration.httpDashboard ? "dashboard" : nil].compactMap(\.self)
            let work = configuration.hasToken ? "takes notifications" : "has its \(shown.joined(separator: " and "))"
            return .good("http", "A daemon \(work) at \(address).")
        case .stranger:
            return .bad(
                "http", "Another program listens at \(address), or one that does not answer.",
                remedy: "Name another port in http.listen, and tell it to whoever comes there: those who notify us, Prometheus, people.")
        case .nobody: break
        }
        do {
            _ = try ListeningSocket.loopback(address)
            return .good("http", "The daemon can listen at \(address); nobody does now.")
        } catch {
            return .bad("http", "\(error)", remedy: "Name another address in http.listen: a port above 1023, and a family that this machine has.")
        }
    }

    static func token(_ configuration: Configuration) -> Finding {
        do {
            _ = try configuration.readToken()
        } catch {
            return .bad(
                "token", "\(error)",
                remedy: "Write one that the service's user may read, and tell it to those who notify us: “openssl rand -hex 24” makes one.")
        }
        return Finding.openSecret("token", configuration.httpTokenFile)
            ?? .good("token", "There is one, as callers over HTTP must show.")
    }
}
