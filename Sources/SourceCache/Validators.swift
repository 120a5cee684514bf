internal import HTTPClient

/// What tells one state of a source from another.
struct Validators: Sendable, Equatable {
    var etag: String?
    var modified: String?

    init(etag: String?, modified: String?) {
        self.etag = etag
        self.modified = modified
    }

    init(_ head: HTTPHead) { self.init(etag: head["etag"], modified: head["last-modified"]) }

    /// A weak tag says that the meaning is the same, not the bytes: no part can be continued by it (RFC 9110, 13.1.5).
    var forRange: String? { etag.map { $0.hasPrefix("W/") ? nil : $0 } ?? modified }

    /// Asks for it only if it has changed.
    var conditions: [(name: String, value: String)] {
        if let etag { return [("If-None-Match", etag)] }
        if let modified { return [("If-Modified-Since", modified)] }
        return []
    }

    /// Two lines, either of which may be empty.
    var text: String { "\(etag ?? "")\n\(modified ?? "")\n" }

    init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 3 else { return nil }
        self.init(etag: lines[0].isEmpty ? nil : String(lines[0]), modified: lines[1].isEmpty ? nil : String(lines[1]))
    }
}

/// `bytes 100-199/1000`.
struct ContentRange: Sendable, Equatable {
    var start: Int64
    /// Nil where the server does not know.
    var whole: Int64?

    init?(_ text: String) {
        let parts = text.split(whereSeparator: { " -/".contains($0) })
        guard parts.count == 4, parts[0].lowercased() == "bytes", let start = Int64(parts[1]), let end = Int64(parts[2]), 0...end ~= start else {
            return nil
        }
        self.start = start
        whole = Int64(parts[3])
        guard whole.map({ end < $0 }) ?? (parts[3] == "*") else { return nil }
    }
}
