internal import FoundationEssentials
internal import Site

/// The reply to a notification, as one line of JSON.
struct NotificationResponse: Encodable, Equatable, Sendable {
    /// A file currently attached to the row.
    struct File: Codable, Equatable, Sendable {
        var id: Int64
        var fid: String
        /// The state in the row: `waiting`, `running`, `done`, `failed` or `unknown`.
        var state: String
        /// Whether it is queued for transcoding, or running already.
        var taken: Bool
        /// Why a waiting file is not, if there is a reason.
        var reason: String?
    }

    /// The HTTP status: 200, 400 (invalid) or 503 (the database cannot be queried).
    var status = 200
    var files: [File]?
    var woken: Bool
    /// A sentence.
    var error: String?

    private enum CodingKeys: CodingKey { case files, woken, error }

    static func refusal(_ error: NotificationError) -> NotificationResponse {
        NotificationResponse(status: 400, woken: false, error: error.description)
    }

    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Numbers and valid strings: encoding cannot fail.
        return ((try? encoder.encode(self)).map(Array.init) ?? Array("{}".utf8)) + [UInt8(ascii: "\n")]
    }
}
