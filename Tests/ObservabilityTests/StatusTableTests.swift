import Foundation
import Glibc
import Jobs
import MediaWire
import Platform
import TestSupport
import Testing
import Verdicts
@testable import Observability

@Suite struct StatusTableTests {
    @Test func itIsATable() throws {
        let courses = JobCourses()
        let board = StatusBoard(pid: getpid(), host: "media-1", database: "sqlite", running: { courses.all })
        board.set(state: .running)
        board.set(waiting: 3, runningElsewhere: 0, retrying: 0)
        board.set(disk: Status.Disk(free: 80_000_000_000, required: 1_000_000))
        for (id, name) in [(Int64(7), "毕业典礼的录像.mov"), (1234, "a name that is so long that\u{1B}[31m it would not fit into any column.mp4")] {
            let job = courses.begin(id, name: name, attempt: id == 7 ? 1 : 2)
            var progress = MediaProgress()
            (progress.phase, progress.done, progress.total) = (.transcoding, 0, 100_000_000)
            board.progress(job, progress)
            progress.done = 50_000_000
            board.progress(job, progress)
        }
        board.succeed(courses.begin(1), mediaSeconds: 90, bytesIn: 2_000_000, bytesOut: 1_500_000, processorSeconds: 1)
        board.fail(courses.begin(9), Verdict(.notMedia), willRetry: false)
        let cause = "“videos/posts/202611/30/film.mp4” is reached by a symbolic link, not a file.\nmore"
        board.set(lastFailures: [.init(fileID: 9, fid: "f", code: "not-media", reason: "The file is not audio or video.", cause: cause, at: Date(timeIntervalSinceNow: -7300))])
        let report = try #require(StatusReport([board.status()], now: Date()))
        for width in [30, 40, 60, 80, 110, 160] {
            let table = StatusTable(report, now: Date(), width: width)
            let text = table.text
            #expect(text.split(separator: "\n").allSatisfy { String($0).terminalWidth <= width }, "\(text)")
            for rows in [3, 5, 10, 24] {
                let lines = table.lines(rows: rows)
                #expect(lines.count <= rows && lines.allSatisfy { $0.terminalWidth <= width }, "\(lines.joined(separator: "\n"))")
                #expect(lines[0].hasPrefix("running   process "))
            }
            let bars = text.split(separator: "\n").filter { $0.contains("transcoding") }
            try #require(bars.count == 2)
            guard width > 40 else { continue }
            #expect(bars.allSatisfy { $0.contains("47.5 %") }, "\(text)")
            #expect(Set(bars.map { $0.components(separatedBy: "transcoding")[0].terminalWidth }).count == 1, "in a column: \(text)")
            #expect(bars[1].hasSuffix("  attempt 2") && !text.contains("\u{1B}"))
            #expect(text.contains("queue     3 waiting; 2 running, 0 retrying") && text.contains("(−25 %)"), "\(text)")
            #expect(text.contains("  9  not-media  The file is not audio or"), "\(text)")
            #expect(text.contains("cause: “videos/posts/202611/30/film.mp4”") && !text.contains("more"), "\(text)")
        }
        #expect(StatusTable(report, now: Date()).text.contains("  9  not-media  The file is not audio or video. (2 h ago)\n      cause: “videos"))
    }
}
