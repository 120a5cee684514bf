import Crypto
import Foundation

/// An entry of the site's cache that shows a file: until it is deleted, visitors get old URLs.
public struct CachedEntry: Sendable, Hashable {
    /// The application's key.
    public var key: String
    /// Laravel's tags, in Fresns' order, which is part of the entry's name.
    public var tags: [String]

    public init(_ key: String, tags: String...) {
        self.key = key
        self.tags = tags
    }

    /// Its path in the file store, relative to the store's folder.
    var file: (folder: String, name: String) {
        let name = Self.sha1(key)
        return ("\(name.prefix(2))/\(name.dropFirst(2).prefix(2))", name)
    }

    /// Stores with tags prefix an entry with its tags' names, and each tag has a set of its entries.
    public var tagSets: [String] { tags.map { "tag:\($0):entries" } }
    public var taggedKey: String { Self.sha1(tagSets.joined(separator: "|")) + ":" + key }

    private static func sha1(_ text: String) -> String {
        Insecure.SHA1.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined()
    }
}

/// Fresns' cache entries that show a file, version by version. Languages: all of the site's.
struct CachedFile {
    /// A post or comment, or a draft of either (Fresns shows it as history), that uses the file.
    struct Use {
        var table: String
        var id: Int64
        /// The post's `pid`, or the comment's `cid`.
        var name: String?
        /// Of a comment: its post, and its parent.
        var post: Int64?
        var parent: Int64?
    }

    var id: Int64
    var fid: String?
    var uses: [Use]
    var languages: [String]

    private func inLanguages(_ key: String, _ tags: String...) -> [CachedEntry] {
        languages.map { language in
            var entry = CachedEntry("\(key)_\(language)")
            entry.tags = tags
            return entry
        }
    }

    var version3: [CachedEntry] {
        var entries = ["\(id)", fid].compactMap(\.self).flatMap {
            [CachedEntry("fresns_file_info_\($0)", tags: "fresnsFiles"), CachedEntry("fresns_model_file_\($0)", tags: "fresnsFiles")]
        }
        for use in uses {
            switch use.table {
            case "posts": entries += inLanguages("fresns_detail_post_\(use.id)", "fresnsPosts")
            case "comments":
                entries += inLanguages("fresns_detail_comment_\(use.id)", "fresnsComments")
                if let post = use.post { entries += inLanguages("fresns_detail_post_\(post)_preview_comments", "fresnsComments") }
                if let parent = use.parent, parent > 0 {
                    entries += inLanguages("fresns_detail_comment_\(parent)_preview_comments", "fresnsComments")
                }
            case "post_logs": entries += inLanguages("fresns_detail_post_history_\(use.id)", "fresnsPosts")
            case "comment_logs": entries += inLanguages("fresns_detail_comment_history_\(use.id)", "fresnsComments")
            default: break
            }
        }
        return entries
    }

    var version2: [CachedEntry] {
        var entries = ["\(id)", fid].compactMap(\.self).map {
            CachedEntry("fresns_model_file_\($0)", tags: "fresnsModels", "fresnsFiles")
        }
        for use in uses {
            guard let name = use.name, let (kind, tag) = ["posts": ("post", "fresnsPosts"), "comments": ("comment", "fresnsComments")][use.table]
            else { continue }
            entries += inLanguages("fresns_api_\(kind)_\(name)", tag)
            entries += ["list", "detail"].map { CachedEntry("fresns_api_\(kind)_\(name)_\($0)_content", tags: tag) }
            if let post = use.post { entries += inLanguages("fresns_api_post_\(post)_preview_comments", "fresnsPosts", "fresnsComments") }
            if let parent = use.parent, parent > 0 {
                entries += inLanguages("fresns_api_comment_\(parent)_sub_comments", "fresnsComments")
            }
        }
        return entries
    }
}
