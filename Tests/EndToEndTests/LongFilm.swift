import Foundation
import SiteFixture

/// A film that takes a while: MPEG-4 Part 2 in AVI, 1280×720 at 30 pictures a second, with a tone. Made once a test run.
actor LongFilm {
    static let shared = LongFilm()
    private var made: [Int: Task<String, any Error>] = [:]

    func path(seconds: Int) async throws -> String {
        let task =
            made[seconds]
            ?? Task {
                let path = FileManager.default.temporaryDirectory.path(percentEncoded: false)
                    + "/transcoder-e2e-film-\(ProcessInfo.processInfo.processIdentifier)-\(seconds).avi"
                let result = try await Program.run(
                    "ffmpeg",
                    [
                        "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30", "-f", "lavfi", "-i",
                        "sine=f=440:r=44100", "-t", String(seconds), "-c:v", "mpeg4", "-q:v", "6", "-c:a", "mp3", path,
                    ])
                guard result.status == 0 else { throw FixtureError("ffmpeg cannot make a film: \(result.errors)") }
                return path
            }
        made[seconds] = task
        return try await task.value
    }
}
