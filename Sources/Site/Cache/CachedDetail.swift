import Crypto
import Foundation

/// The detail of a post or comment in one language, which Fresns keeps for days: until it is dropped, readers are given the
/// addresses of before.
public struct CachedDetail: Sendable, Hashable {
    public enum Kind: String, Sendable {
        case post, comment
    }

    public var kind: Kind
    /// Of the row in `posts` or `comments`.
    public var id: Int64
    /// As in `en` or `zh-Hans`.
    public var language: String

    public init(_ kind: Kind, _ id: Int64, language: String) {
        self.kind = kind
        self.id = id
        self.language = language
    }

    /// The application's key.
    public var key: String { "fresns_detail_\(kind.rawValue)_\(id)_\(language)" }

    /// Where the file store has it, relative to the store's folder.
    var file: (folder: String, name: String) {
        let name = Self.sha1(key)
        return ("\(name.prefix(2))/\(name.dropFirst(2).prefix(2))", name)
    }

    /// In stores that know tags an entry is kept under its tags' name, and the tag has a set of its entries.
    public var tagSet: String { "tag:\(kind == .post ? "fresnsPosts" : "fresnsComments"):entries" }
    public var taggedKey: String { Self.sha1(tagSet) + ":" + key }

    private static func sha1(_ text: String) -> String {
        Insecure.SHA1.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined()
    }
}
