/// How Fresns builds the addresses of one kind of file: from the disk that it is on, and the settings of its storage service.
struct FileAddresses {
    /// `APP_URL`, without a slash at its end.
    var appURL: String
    var isLocal: Bool
    /// Of a remote disk's files; nil: they are given under `APP_URL`.
    var domain: String?

    /// Where Fresns puts a storage service's parameter into a path, for services that transcode on demand.
    struct Rule {
        /// `path-start`, `path-end`, `name-start` or `name-end`; what else there is changes nothing.
        var position: String
        var parameter: String

        /// By the rules of PHP's `dirname` and `pathinfo`.
        func apply(to path: String) -> String {
            let (folder, file) = Self.cut(path, at: "/")
            let (name, ending) = file.contains(".") ? Self.cut(file, at: ".") : (file, "")
            switch position {
            case "path-start": return parameter + path
            case "path-end": return path + parameter
            case "name-start": return "\(folder)\(parameter)\(name).\(ending)"
            case "name-end": return "\(folder)/\(name)\(parameter).\(ending)"
            default: return path
            }
        }

        private static func cut(_ text: String, at separator: Character) -> (String, String) {
            guard let index = text.lastIndex(of: separator) else { return (".", text) }
            return (String(text[..<index]), String(text[text.index(after: index)...]))
        }
    }

    /// The address of a path; nil for none, where Fresns itself would name the disk's bare root.
    func address(_ path: String?, _ rule: Rule? = nil) -> String? {
        guard let path, !path.isEmpty else { return nil }
        var text = isLocal ? "\(appURL)/storage/\(path)" : path
        if let rule { text = rule.apply(to: text) }
        guard !text.hasPrefix("https://"), !text.hasPrefix("http://") else { return text }
        var base = isLocal ? appURL : domain ?? appURL
        while base.hasSuffix("/") { base.removeLast() }
        return base + "/" + text
    }
}

extension Site {
    /// - Parameter kind: `image`, `video`, `audio` or `document`.
    func addresses(of kind: String) async throws -> FileAddresses {
        var domain = try await configuration("\(kind)_access_domain")
        if domain == nil { domain = try await configuration("\(kind)_bucket_domain") }
        return FileAddresses(appURL: settings.appURL, isLocal: try await disk(of: kind) == "local", domain: domain)
    }

    /// - Parameter what: `video_transcode`, `video_poster` or `audio_transcode`.
    func addressRule(_ what: String) async throws -> FileAddresses.Rule? {
        guard let position = try await configuration("\(what)_handle_position"),
            let parameter = try await configuration("\(what)_parameter")
        else { return nil }
        return FileAddresses.Rule(position: position, parameter: parameter)
    }

    /// What is shown in the place of a file that may not be shown: an address, or the number of an image's file.
    func substitution(for kind: String) async throws -> String? {
        guard let value = try await configuration("\(kind)_substitution") else { return nil }
        guard let id = Int64(value) else { return value }
        return try await addresses(of: "image").address(try await file(id: id)?.path)
    }
}
