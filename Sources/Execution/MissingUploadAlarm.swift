internal import Synchronization

/// Missing uploads by folder: one may be deleted, several at once suggest an unmounted disk. May be used from
/// any task.
package final class MissingUploadAlarm: Sendable {
    private struct Folder {
        var files: [Int64: ContinuousClock.Instant] = [:]
        var told: ContinuousClock.Instant?
    }

    private let folders = Mutex<[String: Folder]>([:])
    /// This many are no coincidence.
    private static let several = 3
    /// Within this time.
    private static let span = Duration.seconds(1800)

    /// - Returns: a warning, at intervals for each folder.
    package func add(_ fileID: Int64, in folder: String, at now: ContinuousClock.Instant = .now) -> String? {
        let count = folders.withLock { folders -> Int? in
            folders = folders.filter { $0.value.files.values.contains { now - $0 < Self.span } }
            var entry = folders[folder] ?? Folder()
            entry.files = entry.files.filter { now - $0.value < Self.span }
            entry.files[fileID] = now
            let isDue = entry.files.count >= Self.several && entry.told.map { now - $0 >= Self.span } ?? true
            if isDue { entry.told = now }
            folders[folder] = entry
            return isDue ? entry.files.count : nil
        }
        guard let count else { return nil }
        return "\(count) uploads are missing from the folder \(folder): is its disk mounted completely? Each is checked once more "
            + "before it fails (missing_wait); “transcoder retry --failed” retries files that failed by mistake."
    }
}
