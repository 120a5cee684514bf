package import FoundationEssentials
internal import Platform

/// What a receiver gets, as JSON: docs/notifications.md.
package struct Message: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable { case failure, recovery, test }

    /// The same at every attempt, so that a receiver can tell that it has it already.
    package var id: String
    package var kind: Kind
    package var cause: String
    package var code: String?
    /// The site's address, and the host that saw it.
    package var site: String
    package var host: String
    package var at: Date
    /// When the cause began.
    package var since: Date?
    /// How many failures there were since the message before; 1 at the first.
    package var failures: Int64?
    package var sentence: String
    package var detail: String?
    package var file: File?
    package var version = Version.current

    package struct File: Codable, Sendable, Equatable {
        package var id: Int64
        package var fid: String
    }

    /// For the body: one line.
    package var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        // Numbers and valid strings: encoding cannot fail.
        return (try? encoder.encode(self)).map(Array.init) ?? Array("{}".utf8)
    }
}

extension Message {
    init(_ incident: Incident, site: String, host: String, since: Date, failures: Int64, at now: Date) {
        self.init(
            id: UUID().uuidString.lowercased(), kind: .failure, cause: incident.cause, code: incident.code, site: site, host: host, at: now,
            since: since, failures: failures, sentence: incident.sentence, detail: incident.detail.isEmpty ? nil : incident.detail,
            file: incident.file.map { File(id: $0.id, fid: $0.fid) })
    }

    init(endOf cause: String, code: String, site: String, host: String, since: Date, at now: Date) {
        self.init(
            id: UUID().uuidString.lowercased(), kind: .recovery, cause: cause, code: code, site: site, host: host, at: now, since: since,
            sentence: "Nothing fails with “\(cause)” any more.")
    }

    /// Sent by `doctor --notify`.
    package static func test(site: String, host: String) -> Message {
        Message(
            id: UUID().uuidString.lowercased(), kind: .test, cause: "test", site: site, host: host, at: Date(),
            sentence: "This is a test of transcoder's notifications. Nothing has happened.")
    }
}
