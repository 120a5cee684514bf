internal import SystemPackage

extension String {
    /// The folder that holds the file of this path; "." for a bare name.
    package var parentFolder: String {
        let folder = FilePath(self).removingLastComponent()
        return folder.isEmpty ? "." : folder.string
    }

    /// The file's name without its extension.
    package var nameWithoutExtension: String {
        let name = split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return String(name) }
        return String(name[..<dot])
    }

    /// The extension of the file's name in lower case, without the dot; nil if there is none.
    package var pathExtension: String? {
        let name = split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        let ending = name[name.index(after: dot)...].lowercased()
        return ending.isEmpty ? nil : ending
    }
}
