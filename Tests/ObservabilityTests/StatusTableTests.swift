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
        board.set(waiting: 3, running: 2, retrying: 0)
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
        let report = try #require(StatusReport([board.status()], now: Date()))
        for width in [60, 80, 110, 160] {
            let text = StatusTable(report, now: Date(), width: width).text
            let bars = text.split(separator: "\n").filter { $0.contains("transcoding") }
            try #require(bars.count == 2)
            #expect(bars.allSatisfy { String($0).terminalWidth <= max(72, width) && $0.contains("47.5 %") }, "\(text)")
            #expect(Set(bars.map { $0.components(separatedBy: "transcoding")[0].terminalWidth }).count == 1, "in a column: \(text)")
            #expect(bars[1].hasSuffix("  attempt 2") && !text.contains("\u{1B}"))
            #expect(text.contains("queue     3 waiting; 2 running, 0 retrying") && text.contains("(−25 %)"), "\(text)")
            #expect(text.contains("  9  not-media  The file is not audio or video."))
        }
    }
}
