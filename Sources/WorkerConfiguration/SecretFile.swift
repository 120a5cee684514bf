internal import FoundationEssentials
internal import Glibc
package import SQL

/// A file with a secret. No message quotes it.
package enum SecretFile {
    package static func read(_ key: String, _ path: String) throws(ConfigurationError) -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ConfigurationError("\(key) \(path) cannot be read: it is missing, not readable for this user, or not text.")
        }
    }

    /// Whether every user of the machine can read or change it.
    package static func isOpenToAll(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & (S_IROTH | S_IWOTH) != 0
    }
}

extension Configuration {
    /// The password itself, or the content of its file; empty if neither is set.
    package func readDatabasePassword() throws(ConfigurationError) -> SQLPassword {
        if let databasePassword { return databasePassword }
        guard let path = databasePasswordFile else { return SQLPassword("") }
        var text = try SecretFile.read("database.password_file", path)[...]
        // Editors append a newline; every other character may be part of the password.
        if text.last?.isNewline == true { text.removeLast() }
        guard let password = ValueType.password.parse(String(text)) else {
            throw ConfigurationError("database.password_file \(path) must contain only \(ValueType.password.name).")
        }
        return password
    }
}
