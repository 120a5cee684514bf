import Foundation
import Glibc

/// A folder of a test, removed when it goes.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/transcoder-worker-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
