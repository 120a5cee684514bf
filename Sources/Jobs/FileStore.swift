/// Which of a site's stores has a file.
public enum FileStore: String, Sendable, Hashable, Codable, CaseIterable {
    /// The site's storage folder.
    case disk
    /// The bucket of its videos, with their posters.
    case videos
    case audios

    public var isBucket: Bool { self != .disk }
}
