/// `files.type`.
public enum MediaType: Sendable, Hashable {
    case image, video, audio, document
    /// A type that Fresns does not document.
    case other(Int64)

    public init(number: Int64) {
        self =
            switch number {
            case 1: .image
            case 2: .video
            case 3: .audio
            case 4: .document
            default: .other(number)
            }
    }

    public var number: Int64 {
        switch self {
        case .image: 1
        case .video: 2
        case .audio: 3
        case .document: 4
        case .other(let number): number
        }
    }

    /// As the keys of the site's settings begin; nil for a type that has none.
    var word: String? {
        switch self {
        case .image: "image"
        case .video: "video"
        case .audio: "audio"
        case .document: "document"
        case .other: nil
        }
    }

    /// Whether it can be transcoded.
    public var isMedia: Bool { self == .video || self == .audio }
}

/// `files.transcoding_state`: the state that Fresns sees.
public enum TranscodingState: Int64, Sendable, CaseIterable {
    /// A state that Fresns does not document.
    case unknown = 0
    case waiting = 1
    case running = 2
    case done = 3
    case failed = 4
}

/// A row of `files`, of any Fresns version. A value: it does not follow the row.
public struct MediaFile: Sendable, Equatable {
    public var id: Int64
    public var fid: String
    public var type: MediaType
    /// As uploaded: for people.
    public var name: String
    public var mime: String?
    public var `extension`: String
    /// In bytes.
    public var size: Int64?
    /// In pixels.
    public var width: Int64?
    public var height: Int64?
    /// In whole seconds.
    public var duration: Int64?
    /// Lower-case hex, of the kind that `shaType` names.
    public var sha: String?
    public var shaType: String?
    /// Before v3 only.
    public var md5: String?
    /// Before v3 only: JSON.
    public var moreJSON: String?
    /// 1 none, 2 nudity, 3 violence, 4 sensitive; before v3 0 or 1.
    public var warningType: Int64?
    /// Before v3 only: `local` or `remote`.
    public var disk: String?
    /// Relative to the disk's root.
    public var path: String
    public var originalPath: String?
    public var posterPath: String?
    public var state: TranscodingState
    public var reason: String?
    public var isEnabled: Bool
    /// Whether `deleted_at` is set.
    public var isDeleted: Bool
    public var isPhysicallyDeleted: Bool
    /// True if the column does not exist.
    public var isUploaded: Bool
    /// Without a time zone, in the application's zone.
    public var createdAt: String?
    public var updatedAt: String?

    /// For messages: `file 7 (fid)`, on one line whatever the row contains.
    public var label: String {
        let fid = String(self.fid.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }.prefix(64))
        return "file \(id) (\(fid))"
    }
}

/// A file that is ready to start.
public struct QueuedFile: Sendable, Equatable {
    public var file: MediaFile
    /// Seconds since its upload.
    public var waited: Double
    /// Whether it is used in a conversation.
    public var isMessage: Bool
}
