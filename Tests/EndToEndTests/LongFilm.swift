import Foundation
import SiteFixture

/// A film that takes a while: MPEG-4 Part 2 in AVI, at 30 pictures a second, with a tone. Made once, and kept beside the
/// built programs.
actor LongFilm {
    static let shared = LongFilm()
    private var made: [String: Task<String, any Error>] = [:]

    func path(seconds: Int, size: String = "1280x720") async throws -> String {
        let name = size == "1280x720" ? "\(seconds)" : "\(seconds)-\(size)"
        let task =
            made[name]
            ?? Task {
                let path = Built.folder + "/end-to-end-film-\(name).avi"
                if FileManager.default.fileExists(atPath: path) { return path }
                // Another run may be making it, too: only a whole one gets the name.
                let new = Built.folder + "/\(UUID()).avi"
                let result = try await Program.run(
                    "ffmpeg",
                    [
                        "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=s=\(size):r=30", "-f", "lavfi", "-i",
                        "sine=f=440:r=44100", "-t", String(seconds), "-c:v", "mpeg4", "-q:v", "6", "-c:a", "mp3", new,
                    ])
                guard result.status == 0 else { throw FixtureError("ffmpeg cannot make a film: \(result.errors)") }
                guard rename(new, path) == 0 else { throw FixtureError("\(new) cannot be renamed") }
                return path
            }
        made[name] = task
        return try await task.value
    }
}
