import MediaWire
import Objects
@testable import Execution
@testable import MediaProcess

/// An output and a poster, empty, that a child's word is held against.
struct OutcomeFiles {
    private let output: WorkObject
    private let poster: WorkObject

    init(_ folder: String) throws {
        let disk = try LocalDisk(root: folder)
        output = try disk.makeWork(named: try disk.workName(beside: "a.mov"), for: "a.mov")
        poster = try disk.makeWork(named: try disk.workName(beside: "a.mov"), for: "a.mov")
    }

    func check(_ outcome: MediaOutcome) {
        for subject in [MediaSubject.any, .video, .audio] {
            try? OutcomeCheck(outcome: outcome, subject: subject, limits: MediaLimits(), sourceEnding: "mp4").check(output: output, poster: poster)
        }
    }

}
