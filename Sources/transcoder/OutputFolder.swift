internal import Execution
internal import Glibc
internal import WorkerConfiguration

/// The folder that `convert` writes to, with a name for each of the files. A value.
struct OutputFolder {
    let path: String

    /// Nil for the name of a file.
    ///
    /// - Throws: a `ConfigurationError` if there is no such folder, or two files would get one name.
    init?(_ path: String, for inputs: [String]) throws(ConfigurationError) {
        var status = stat()
        let isThere = stat(path, &status) == 0
        let isFolder = isThere && status.st_mode & S_IFMT == S_IFDIR
        guard inputs.count > 1 || isFolder || path.hasSuffix("/") else { return nil }
        guard isThere else { throw ConfigurationError("There is no folder “\(path)”: make it first.") }
        guard isFolder else { throw ConfigurationError("“\(path)” is not a folder: several files need one.") }
        self.path = path
        var names: [String: String] = [:]
        for input in inputs {
            let name = FileExtension.nameWithout(input)
            if let other = names.updateValue(input, forKey: name) {
                throw ConfigurationError("“\(other)” and “\(input)” would get the same name in “\(path)”: convert one of them to another name.")
            }
        }
    }
}
