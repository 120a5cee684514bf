import Foundation
import SiteFixture
import Testing

/// `status --watch` on a terminal.
@Suite(.serialized)
struct WatchTests {
    private func watch(_ place: Workplace, columns: Int, rows: Int, _ body: (TerminalProgram) async throws -> Void) async throws {
        let terminal = try TerminalProgram([Built.transcoder, "status", "--watch", "--config", place.config], columns: columns, rows: rows)
        do {
            try await body(terminal)
        } catch {
            terminal.hangUp()
            throw FixtureError("\(error)\nThe terminal showed:\n\(terminal.output)")
        }
    }

    @Test func itFitsWhateverTheSize() async throws {
        let film = try await LongFilm.shared.path(seconds: 60)
        try await Workplace.use(configuration: "workers: 1") { place in
            let bad = try await place.publish("bad/text.mp4", expect: .failed).file
            try await place.untilIdle()
            let file = try await place.site.publish(film, name: "毕业典礼的录像和很多很多的同学们在操场上一起唱歌跳舞.mp4").file
            try await place.daemon { daemon in
                try await watch(place, columns: 80, rows: 24) { terminal in
                    try await until("it shows the running file") { terminal.screen.text.contains("\(file.id)  毕业典礼") }
                    for _ in 0..<3 { _ = try await place.publish("clip.flv") }
                    try await until("it shows what waits and what failed") {
                        let text = terminal.screen.text
                        return text.contains("3 waiting") && text.contains("1 running") && text.contains("\(bad.id)  not-media  ")
                    }
                    #expect(terminal.screen.faults == [] && terminal.output.contains("\u{1B}[?25l"))
                    for (columns, rows) in [(40, 10), (20, 5), (132, 43), (40, 10)] {
                        terminal.resize(columns: columns, rows: rows)
                        try await until("it fits \(columns)×\(rows)") {
                            let screen = terminal.screen
                            return screen.faults.isEmpty && screen.text.contains(columns < 40 ? "more lines" : "\(file.id)  毕业典礼")
                        }
                    }
                    let small = terminal.screen
                    #expect(small.text.contains("%") && small.text.contains("3 waiting"), "\(small.text)")
                    terminal.type("\u{3}")
                    let end = try await terminal.end()
                    #expect(end.first.contains("Interrupted.") && end.hasCursor && end.second == nil, "\(end.text)")
                }
                daemon.signal(SIGKILL)
                _ = await daemon.result()
            }
        }
    }

    @Test(arguments: [("\u{3}", SIGINT), ("\u{1C}", SIGQUIT), ("", SIGTERM), ("", SIGHUP)])
    func theScreenComesBackAfterASignal(typed: String, signal: Int32) async throws {
        try await Workplace.use { place in
            try await place.untilIdle()
            try await watch(place, columns: 80, rows: 24) { terminal in
                try await until("it shows the status") { terminal.screen.text.contains("stopped ") }
                if typed.isEmpty { try terminal.signal(signal) } else { terminal.type(typed) }
                let end = try await terminal.end()
                #expect(end.first.contains("ended \(128 + signal)"), "\(end.text)")
                #expect(end.second == nil && end.hasCursor)
            }
        }
    }

    @Test func theScreenComesBackAfterAnError() async throws {
        try await Workplace.use { place in
            try await place.untilIdle()
            try await watch(place, columns: 80, rows: 24) { terminal in
                try await until("it shows the status") { terminal.screen.text.contains("stopped ") }
                // systemd removes it while the service is stopped.
                try FileManager.default.moveItem(atPath: place.statusFile, toPath: place.statusFile + ".away")
                try await until("it says so") { terminal.screen.text.contains("No daemon has written a status") }
                #expect(terminal.screen.faults == [])
                try Data("hello".utf8).write(to: URL(filePath: place.statusFile))
                let end = try await terminal.end()
                #expect(end.first.contains("ended 2") && end.second == nil && end.hasCursor)
                #expect(end.text.contains("is not a transcoder status file."), "\(end.text)")
            }
        }
    }

    /// A narrow terminal breaks lines where a person would.
    @Test func statusAndJobsAreReadableInFortyColumns() async throws {
        try await Workplace.use { place in
            let bad = try await place.publish("bad/truncated.mp4", expect: .failed).file
            _ = try await place.publish("clip.flv")
            try await place.untilIdle()
            for words in [["status"], ["jobs"], ["jobs", "\(bad.id)"]] {
                let terminal = try TerminalProgram([Built.transcoder] + words + ["--config", place.config], columns: 40, rows: 10)
                let lines = try await terminal.end().first.dropLast(2)
                #expect(!lines.isEmpty && lines.allSatisfy { $0.count <= 40 }, "\(lines.joined(separator: "\n"))")
                #expect(lines.contains { $0.contains("truncated") }, "\(lines.joined(separator: "\n"))")
                #expect(lines.joined(separator: " ").split(separator: " ").joined(separator: " ").contains("upload it again."), "no word is broken: \(lines)")
            }
        }
    }
}
