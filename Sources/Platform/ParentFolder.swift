internal import SystemPackage

extension String {
    /// The folder that holds the file of this path; "." for a bare name.
    package var parentFolder: String {
        let folder = FilePath(self).removingLastComponent()
        return folder.isEmpty ? "." : folder.string
    }
}
