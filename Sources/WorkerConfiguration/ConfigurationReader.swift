internal import MediaWire
internal import Yams
internal import Platform

/// Reads the file, then the environment over it. Every mistake is an error that names the key and its location.
struct ConfigurationReader {
    static let environmentPrefix = "TRANSCODER_"

    private(set) var configuration = Configuration()
    /// Variables with our prefix that match no key. Others may use the prefix: container managers create such names.
    private(set) var strangeVariables: [String] = []

    private var leaves: [Leaf] = []
    private var keys = 0
    /// Nested aliases can stand for more keys in a few lines than could ever be read.
    private static let mostKeys = 5000
    /// Names of groups of keys.
    private static let sections = ["database", "http", "notify", "notify.webhook", "retry", "limits", "profiles"]
    private var profileNames: Set<String> = ["web"]

    private struct Leaf {
        let name: String
        let text: String
        /// As in "workers (transcoder.yaml, line 3)".
        let source: String
    }

    mutating func read(yaml: String, file: String) throws(ConfigurationError) {
        let node: Node?
        do {
            node = try Yams.compose(yaml: yaml)
        } catch {
            throw ConfigurationError("\(file) cannot be read as YAML: \(YAMLFault(error))")
        }
        // An empty file, or one with only comments, is a configuration of defaults.
        guard let node, !node.isAbsent else { return }
        guard let mapping = node.mapping else {
            throw ConfigurationError("\(file) must hold keys and values, such as “site: /var/www/fresns”.")
        }
        try flatten(mapping, prefix: "", file: file)
    }

    /// Whether what was read so far contains a secret, and not only the name of its file.
    var holdsSecret: Bool {
        let secrets = Set(ConfigurationKeys.all.filter(\.isSecret).map(\.name))
        return leaves.contains { secrets.contains($0.name) }
    }

    mutating func read(environment: [String: String]) {
        var known: Set<String> = ["TRANSCODER_CONFIG"]
        for (variable, name) in variables() {
            known.insert(variable)
            if let text = environment[variable] {
                leaves.append(Leaf(name: name, text: text, source: variable))
            }
        }
        strangeVariables = environment.keys.filter { $0.hasPrefix(Self.environmentPrefix) && !known.contains($0) }.sorted()
    }

    /// Profiles start from the common limits, so the limits come first, wherever they were written.
    mutating func finish() throws(ConfigurationError) -> Configuration {
        for leaf in leaves where !leaf.name.hasPrefix("profiles.") {
            try apply(leaf)
        }
        for name in profileNames {
            var profile = Profile()
            profile.name = name
            profile.limits = configuration.limits
            for leaf in leaves {
                guard let key = leaf.name.withoutPrefix("profiles.\(name).") else { continue }
                try Self.apply(key: key, leaf.text, to: &profile, source: leaf.source)
            }
            configuration.profiles[name] = profile
        }
        for (key, name) in [("video_profile", configuration.videoProfile), ("audio_profile", configuration.audioProfile)]
        where configuration.profiles[name] == nil {
            throw ConfigurationError("\(key) names an unknown profile: use “web”, or one defined in “profiles”.")
        }
        try checkHTTP()
        try checkDatabase()
        try checkNotify()
        return configuration
    }

    private func checkHTTP() throws(ConfigurationError) {
        let tokens = [configuration.httpToken != nil, configuration.httpTokenFile != nil].filter(\.self).count
        let more = ["http.metrics": configuration.httpMetrics, "http.dashboard": configuration.httpDashboard].filter(\.value).keys.sorted()
        guard configuration.httpAllowedHosts == nil || configuration.httpDashboard else {
            throw ConfigurationError("http.allowed_hosts needs the dashboard: set “http.dashboard: on”.")
        }
        guard configuration.httpListen != nil else {
            guard more.isEmpty else { throw ConfigurationError("\(more[0]) needs an address: set http.listen, for example to 127.0.0.1:8787.") }
            return
        }
        guard tokens < 2, tokens > 0 || !more.isEmpty else {
            throw ConfigurationError("http.listen needs a token: set either http.token_file or http.token.")
        }
        guard configuration.httpAllowedHosts == nil || tokens > 0 else {
            throw ConfigurationError("http.allowed_hosts needs a token: set either http.token_file or http.token.")
        }
    }

    private func checkNotify() throws(ConfigurationError) {
        let secrets = [configuration.webhookSecret != nil, configuration.webhookSecretFile != nil].filter(\.self).count
        guard secrets != (configuration.webhook == nil ? 0 : 1) else { return }
        throw ConfigurationError(
            "A webhook needs notify.webhook.url and exactly one of notify.webhook.secret_file and notify.webhook.secret.")
    }

    private func checkDatabase() throws(ConfigurationError) {
        let passwords = [configuration.databasePassword != nil, configuration.databasePasswordFile != nil].filter(\.self).count
        guard passwords > 0, configuration.databaseUser == nil || passwords > 1 else { return }
        throw ConfigurationError(
            "A database password needs database.user and exactly one of database.password_file and database.password.")
    }

    /// Reads one profile, with keys at the top level.
    static func profile(text: String, over base: Profile, source: String) throws(ConfigurationError) -> Profile {
        var reader = ConfigurationReader()
        try reader.read(yaml: text, file: source)
        var profile = base
        for leaf in reader.leaves {
            try apply(key: leaf.name, leaf.text, to: &profile, source: leaf.source)
        }
        return profile
    }

    /// Sets one field of a profile by its key.
    static func apply(
        key: String, _ text: String, to profile: inout Profile, source: String
    ) throws(ConfigurationError) {
        if let field = ConfigurationKeys.profile.first(where: { $0.name == key }) {
            try field.set(text, in: &profile, source: source)
        } else if let name = key.withoutPrefix("limits."),
            let field = ConfigurationKeys.limits.first(where: { $0.name == name })
        {
            try field.set(text, in: &profile.limits, source: source)
        } else {
            let names = ConfigurationKeys.profile.map(\.name) + ConfigurationKeys.limits.map { "limits.\($0.name)" }
            throw unknown(source, key, among: names)
        }
    }

    private mutating func apply(_ leaf: Leaf) throws(ConfigurationError) {
        if let key = ConfigurationKeys.all.first(where: { $0.name == leaf.name }) {
            try key.set(leaf.text, in: &configuration, source: leaf.source)
        } else if let name = leaf.name.withoutPrefix("limits."),
            let key = ConfigurationKeys.limits.first(where: { $0.name == name })
        {
            try key.set(leaf.text, in: &configuration.limits, source: leaf.source)
        } else {
            let names = ConfigurationKeys.all.map(\.name) + ConfigurationKeys.limits.map { "limits.\($0.name)" }
            throw Self.unknown(leaf.source, leaf.name, among: names + ["profiles"])
        }
    }

    private mutating func flatten(_ mapping: Node.Mapping, prefix: String, file: String) throws(ConfigurationError) {
        for (keyNode, value) in mapping {
            keys += 1
            guard keys <= Self.mostKeys else { throw ConfigurationError("\(file) has more than \(Self.mostKeys) keys.") }
            guard let part = keyNode.scalar?.string else {
                throw ConfigurationError("\(file) has a key that is not a string\(keyNode.mark.map { ", in line \($0.line)" } ?? "").")
            }
            let name = prefix + part
            let place = "\(file)\(keyNode.mark.map { ", line \($0.line)" } ?? "")"
            let source = Self.shown(name).map { "\($0) (\(place))" } ?? place
            if let profile = name.withoutPrefix("profiles."), let word = profile.split(separator: ".").first {
                profileNames.insert(String(word))
            }
            if let inner = value.mapping {
                try flatten(inner, prefix: name + ".", file: file)
            } else if let scalar = value.scalar {
                // “limits:” with all of its keys commented out.
                if value.isAbsent, Self.sections.contains(name) || prefix == "profiles." { continue }
                guard !leaves.contains(where: { $0.name == name }) else {
                    throw ConfigurationError("\(source) is set twice.")
                }
                leaves.append(Leaf(name: name, text: scalar.string, source: source))
            } else if ConfigurationKeys.all.contains(where: { $0.name == name && $0.isList }), let words = value.sequence, words.allSatisfy({ $0.scalar != nil }) {
                let text = ValueType<[String]>.command.format(words.compactMap { $0.scalar?.string })
                leaves.append(Leaf(name: name, text: text, source: source))
            } else {
                throw ConfigurationError("\(source) must be a single value, not a list.")
            }
        }
    }

    /// A key's name, if it is one or nearly one: anything else may be a password.
    private static func shown(_ name: String) -> String? {
        let inProfile = ConfigurationKeys.profile.map(\.name) + ConfigurationKeys.limits.map { "limits.\($0.name)" } + ["video", "audio", "poster"]
        let top = ConfigurationKeys.all.map(\.name) + ConfigurationKeys.limits.map { "limits.\($0.name)" }
            + sections
        var (field, names) = (name, top + inProfile)
        if let rest = name.withoutPrefix("profiles."), let dot = rest.firstIndex(of: ".") {
            (field, names) = (String(rest[rest.index(after: dot)...]), inProfile)
        }
        guard field.utf8.count <= 64, names.contains(where: { $0.editDistance(to: field) <= 2 }) else { return nil }
        // The profile's name is the user's choice.
        return field == name || name.hasPrefix("profiles.web.") ? name : "\(field) of a profile"
    }

    /// All variables, with the keys that they stand for.
    private func variables() -> [(variable: String, name: String)] {
        let prefix = Self.environmentPrefix
        var list = ConfigurationKeys.all.map { ($0.environmentName(prefix: prefix), $0.name) }
        list += ConfigurationKeys.limits.map { ($0.environmentName(prefix: prefix + "LIMITS_"), "limits.\($0.name)") }
        for profile in profileNames {
            let name = profile.uppercased().replacing("-", with: "_")
            let below = "\(prefix)PROFILES_\(name)_"
            list += ConfigurationKeys.profile.map {
                ($0.environmentName(prefix: below), "profiles.\(profile).\($0.name)")
            }
            list += ConfigurationKeys.limits.map {
                ($0.environmentName(prefix: below + "LIMITS_"), "profiles.\(profile).limits.\($0.name)")
            }
        }
        return list
    }

    private static func unknown(_ source: String, _ name: String, among names: [String]) -> ConfigurationError {
        let nearest = names.min { $0.editDistance(to: name) < $1.editDistance(to: name) }
        let hint = nearest.flatMap { $0.editDistance(to: name) <= 3 ? " Did you mean “\($0)”?" : nil } ?? ""
        return ConfigurationError("\(source) is not a configuration key.\(hint)")
    }
}

extension Node {
    /// `key:` with nothing after it, or an explicit null.
    fileprivate var isAbsent: Bool {
        guard let scalar else { return false }
        return scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
    }
}

extension String {
    fileprivate func withoutPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
