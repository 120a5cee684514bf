/// The loopback host names of this machine.
enum LocalHost {
    /// Whether a `Host` header names it, with any port: a tunnel may use another one.
    static func isNamed(by host: String?) -> Bool {
        let host = host?.lowercased() ?? ""
        return ["127.0.0.1", "localhost", "[::1]"].contains { name in
            guard host.hasPrefix(name) else { return false }
            let rest = host.dropFirst(name.count)
            return rest.isEmpty || (rest.first == ":" && rest.dropFirst().utf8.allSatisfy { (48...57).contains($0) })
        }
    }
}
