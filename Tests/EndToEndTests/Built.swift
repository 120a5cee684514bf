import Foundation

/// The built programs lie beside the test bundle; the media in the source tree.
enum Built {
    static let transcoder = folder + "/transcoder"
    static let fixture = folder + "/transcoder-fixture"
    static let media = packageRoot + "/fixtures/media"

    static let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path(percentEncoded: false).dropSlash

    static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .path(percentEncoded: false).dropSlash
}

extension String {
    var dropSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}
