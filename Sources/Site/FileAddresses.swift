/// Builds the URLs of one kind of file as Fresns does: from its disk, and the settings of its storage service.
struct FileAddresses {
    /// `APP_URL`, without a trailing slash.
    var appURL: String
    var isLocal: Bool
    /// Of a remote disk's files; nil: they are served under `APP_URL`.
    var domain: String?
    /// Whether v2's rules apply.
    var isVersion2 = false

    /// Where Fresns inserts a storage service's parameter into a path, for services that transcode on demand.
    struct Rule {
        /// `path-start`, `path-end`, `name-start` or `name-end`; others have no effect.
        var position: String
        /// Without one, v3 changes nothing.
        var parameter: String

        /// By the rules of PHP's `dirname` and `pathinfo`.
        func apply(to path: String) -> String {
            var whole = path[...]
            while whole.count > 1, whole.last == "/" { whole.removeLast() }
            let (folder, file) = Self.cut(String(whole), at: "/")
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

    /// The URL of a path; nil if a remote disk has none. On the local disk, Fresns then returns the disk's bare root.
    func address(_ path: String?, _ rule: Rule? = nil) -> String? {
        qualified(applied(rule, to: isLocal ? located(path) : path))
    }

    /// The URL of a video's poster. If a rule is set, v2 derives it from the video itself, and v3 does if there is no poster:
    /// for services that create images on demand.
    func poster(_ poster: String?, of video: String?, _ rule: Rule?) -> String? {
        guard let rule else { return address(poster) }
        if isVersion2 { return address(video, rule) }
        return address(isLocal || poster?.isEmpty == false ? poster : video, rule)
    }

    private func located(_ path: String?) -> String { "\(appURL)/storage/" + (path ?? "").drop { $0 == "/" } }

    private func applied(_ rule: Rule?, to path: String?) -> String? {
        guard let rule, let path, !path.isEmpty, isVersion2 || !rule.parameter.isEmpty else { return path }
        return rule.apply(to: path)
    }

    /// A path with a scheme is a URL already; otherwise one slash separates domain and path.
    func qualified(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard !text.contains("://") else { return text }
        var base = isLocal ? appURL : domain ?? appURL
        while base.hasSuffix("/") { base.removeLast() }
        return base + "/" + text.drop { $0 == "/" }
    }
}

extension Site {
    /// - Parameters:
    ///   - kind: `image`, `video`, `audio` or `document`.
    ///   - file: v2 stores the disk with each file.
    func addresses(of kind: String, for file: MediaFile?) async throws -> FileAddresses {
        var domain = try await configuration("\(kind)_access_domain")
        if domain == nil { domain = try await configuration("\(kind)_bucket_domain") }
        let disk = if schema.hasDiskColumn { file?.disk } else { try await disk(of: kind) }
        return FileAddresses(
            appURL: settings.appURL, isLocal: disk == "local", domain: domain, isVersion2: schema.hasVersion2Columns)
    }

    /// - Parameter what: `video_transcode`, `video_poster` or `audio_transcode`.
    func addressRule(_ what: String) async throws -> FileAddresses.Rule? {
        guard let position = try await configuration("\(what)_handle_position") else { return nil }
        return FileAddresses.Rule(position: position, parameter: try await configuration("\(what)_parameter") ?? "")
    }

    /// The substitute for a file that may not be shown: a URL, a path of the site, or the ID of an
    /// image file.
    func substitution(for kind: String) async throws -> String? {
        guard let value = try await configuration("\(kind)_substitution") else { return nil }
        if value.hasPrefix("/") { return FileAddresses(appURL: settings.appURL, isLocal: true).qualified(value) }
        guard let id = Int64(value) else { return value }
        guard let file = try await file(id: id) else { return nil }
        return try await addresses(of: "image", for: file).address(file.path)
    }
}
