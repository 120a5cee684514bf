internal import FoundationEssentials
internal import Site

/// What is answered to a notification, as one line of JSON.
struct NotificationResponse: Encodable, Equatable, Sendable {
    /// A file that is attached to the row, just now.
    struct File: Codable, Equatable, Sendable {
        var id: Int64
        var fid: String
        /// `waiting`, `running`, `done`, `failed` or `unknown`, as the row has it.
        var state: String
        /// Whether it is taken up: it waits for a hand to be free, or is in work already.
        var taken: Bool
        /// Why a waiting one is not, where there is a reason.
        var reason: String?
    }

    /// How well it went, in HTTP's numbers: 200, 400 (not understood) or 503 (the database cannot be asked).
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
        // Numbers, words and texts of whole characters: nothing that could fail.
        return ((try? encoder.encode(self)).map(Array.init) ?? Array("{}".utf8)) + [UInt8(ascii: "\n")]
    }
}
