import Foundation
import Glibc
import Platform

/// SQLite has no users: the rights are those of its file, and of its folder, where it creates its journal.
enum SQLiteRights {
    /// Checks the file itself, following a link to it. Blocks no longer than the file system does.
    static func report(path: String) -> RightsReport {
        let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let folder = path.parentFolder
        var report = RightsReport()
        if access(path, R_OK) != 0 { report.missing.append("reading \(path)") }
        if access(path, W_OK) != 0 { report.missing.append("writing \(path)") }
        if access(folder, W_OK | X_OK) != 0 { report.missing.append("creating the journal in \(folder)") }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IWOTH != 0 { report.surplus.append("every user of this machine can write \(path)") }
        if stat(folder, &status) == 0, status.st_mode & S_IWOTH != 0, status.st_mode & S_ISVTX == 0 {
            report.surplus.append("every user of this machine can replace files in \(folder)")
        }
        return report
    }
}
