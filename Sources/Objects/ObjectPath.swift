/// A path relative to a disk's root, as in `files.path`: no leading slash, no “..”.
public struct ObjectPath: Sendable, Hashable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) throws(ObjectError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isClean = parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
        guard isClean, !text.utf8.contains(0), text.utf8.count < 4096 else { throw .badPath(text) }
        self.text = text
    }

    public var description: String { text }

    /// Empty for a name directly in the root.
    public var folder: String {
        guard let slash = text.lastIndex(of: "/") else { return "" }
        return String(text[..<slash])
    }

    /// The first component; empty for a name directly in the root.
    var firstFolder: String { folder.split(separator: "/").first.map(String.init) ?? "" }

    public var name: String {
        guard let slash = text.lastIndex(of: "/") else { return text }
        return String(text[text.index(after: slash)...])
    }

    /// A new name by Fresns' rule: the same folder, 40 random letters and digits, the extension.
    public func renamed(extension fileExtension: String) -> ObjectPath {
        sibling(named: "\(Self.random(40)).\(fileExtension)")
    }

    /// A new name for a temporary file: hidden, because the web server serves the folder.
    public func hidden() -> ObjectPath {
        sibling(named: ".\(Self.random(32)).part")
    }

    private func sibling(named name: String) -> ObjectPath {
        ObjectPath(trusted: folder.isEmpty ? name : "\(folder)/\(name)")
    }

    private init(trusted text: String) {
        self.text = text
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

    static func random(_ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }
}
