/// How Fresns builds the addresses of one kind of file: from the disk that it is on, and the settings of its storage service.
struct FileAddresses {
    /// `APP_URL`, without a slash at its end.
    var appURL: String
    var isLocal: Bool
    /// Of a remote disk's files; nil: they are given under `APP_URL`.
    var domain: String?
    /// Whether the rules are those of v2.
    var isVersion2 = false

    /// Where Fresns puts a storage service's parameter into a path, for services that transcode on demand.
    struct Rule {
        /// `path-start`, `path-end`, `name-start` or `name-end`; what else there is changes nothing.
        var position: String
        /// Without one v3 changes nothing.
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

    /// The address of a path; nil where there is none on a remote disk. On the local disk Fresns names the disk's bare root then.
    func address(_ path: String?, _ rule: Rule? = nil) -> String? {
        qualified(applied(rule, to: isLocal ? located(path) : path))
    }

    /// The address of a video's poster. Where a rule is set, v2 makes it of the video itself, and v3 where there is no poster:
    /// for services that take pictures on demand.
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

    /// What has a scheme is an address already; one slash stands between a domain and the rest.
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
    ///   - file: v2 keeps the disk with each file.
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

    /// What is shown in the place of a file that may not be shown: an address, a path of the site's own, or the number of an
    /// image's file.
    func substitution(for kind: String) async throws -> String? {
        guard let value = try await configuration("\(kind)_substitution") else { return nil }
        if value.hasPrefix("/") { return FileAddresses(appURL: settings.appURL, isLocal: true).qualified(value) }
        guard let id = Int64(value) else { return value }
        guard let file = try await file(id: id) else { return nil }
        return try await addresses(of: "image", for: file).address(file.path)
    }
}
