extension Configuration {
    /// Keys that are only read at start.
    static let keysOfStart: Set<String> = [
        "site", "scratch", "status_file", "media_program", "sandbox", "log_level", "socket", "http.listen", "http.token_file",
        "http.token", "http.metrics", "http.dashboard", "http.allowed_hosts", "metrics_file", "log", "database.user", "database.password_file", "database.password",
        "storage.endpoint", "storage.region", "storage.addressing", "storage.ca", "storage.cache", "storage.cache_size", "storage.transfers",
    ]

    /// Applies a newer configuration as far as possible without a restart.
    ///
    /// - Returns: also the keys whose new values need a restart, in the order of the documentation.
    package func updated(by new: Configuration) -> (configuration: Configuration, ignored: [String]) {
        var merged = new
        let ignored = ConfigurationKeys.all.filter { key in
            guard Self.keysOfStart.contains(key.name), !key.isSame(in: self, and: new) else { return false }
            key.copy(from: self, to: &merged)
            return true
        }
        return (merged, ignored.map(\.name))
    }
}
