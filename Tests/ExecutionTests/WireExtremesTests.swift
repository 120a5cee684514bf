import Foundation
import Jobs
import MediaWire
import TestSupport
import Testing
import Verdicts
@testable import Execution
@testable import MediaProcess
@testable import Observability

/// A child that was taken over may tell any number. Each field of each message is given extreme ones, and what becomes of them is
/// counted with, shown and written down as a daemon does.
@Suite struct WireExtremesTests {
    private static let numbers: [UInt64] =
        [Int64.min, .min + 1, -1, 0, 1, 1 << 53, .max - 1, .max].map { UInt64(bitPattern: $0) }
        + [Double.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude].map(\.bitPattern)

    /// With something in every field.
    private static let messages: [MediaMessage] = {
        var stream = StreamInfo()
        (stream.index, stream.kind, stream.codec, stream.profile, stream.language) = (1, .video, "h264", "High", "deu")
        (stream.start, stream.duration, stream.bitrate) = (1, 2, 3)
        var picture = VideoInfo()
        (picture.width, picture.height, picture.frameRate, picture.level, picture.dolbyVisionProfile) = (16, 9, 25, 40, 8)
        var sound = AudioInfo()
        (sound.sampleRate, sound.channels, sound.layout) = (48_000, 2, "stereo")
        (stream.picture, stream.sound) = (picture, sound)
        var info = MediaInfo()
        (info.container, info.duration, info.start, info.size, info.chapters, info.decodedPixels) = ("mov", 1, 2, 3, 4, 5)
        info.streams = [stream, stream]
        var plan = PlanReport()
        (plan.output, plan.outputSize) = ("mp4", 1)
        plan.decisions = [PlanDecision(stream: 1, action: "encode", reason: "why")]
        var progress = MediaProgress()
        (progress.phase, progress.done, progress.total, progress.packets, progress.frames) = (.transcoding, 1, 2, 3, 4)
        var outcome = MediaOutcome()
        (outcome.width, outcome.height, outcome.duration, outcome.posterWidth, outcome.posterHeight) = (16, 9, 1, 16, 9)
        (outcome.remarks, outcome.frames) = ([.cutShort(converted: 1, promised: 2), .joined(time: 3), .earlier("a remark")], 5)
        return [.ready(SandboxReport()), .probed(info), .planned(plan), .progress(progress), .finished(outcome)]
    }()

    @Test(arguments: messages.indices) func noNumberTraps(index: Int) throws {
        let bytes = try WireCoder.encode(Self.messages[index])
        let place = TemporaryFolder()
        let disk = try OutcomeFiles(place.path)
        var understood = 0
        for offset in 0...max(0, bytes.count - 8) {
            for number in Self.numbers {
                var changed = bytes
                for byte in 0..<8 where offset + byte < bytes.count { changed[offset + byte] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(byte))) }
                guard let message = try? WireCoder.decode(MediaMessage.self, from: changed) else { continue }
                understood += 1
                try take(message, disk)
            }
        }
        #expect(understood > 0)
    }

    private func take(_ message: MediaMessage, _ files: OutcomeFiles) throws {
        var report = SandboxReport()
        (report.landlock, report.hasSeccomp) = (7, true)
        var request = MediaRequest()
        request.task = .transcode
        var dialogue = ChildProtocol(request, needsSandbox: true)
        let jobs = try BudgetedJobs()
        let (budget, job) = (jobs.budget, jobs.begin(1, sourceSize: 1000))
        let board = StatusBoard(pid: 1, host: "h", database: "sqlite", running: jobs.courses)
        // In its place among others that are in order, and twice, for what grows.
        let story: [MediaMessage] = [.ready(report), .probed(MediaInfo()), .planned(PlanReport())]
        for next in story.prefix(while: { !Self.isSame($0, message) }) + [message, message] {
            guard (try? dialogue.accept(next)) != nil else { continue }
            _ = budget.hear(next, of: 1, limits: request.profile.limits)
            _ = budget.look(at: 1, output: nil)
            if case .progress(let progress) = next {
                board.progress(job.course, progress)
                var job = JobProgress()
                job.update(progress)
                _ = (job.percent, job.speed, job.secondsLeft)
            }
            if case .finished(let outcome?) = next { files.check(outcome) }
        }
        _ = dialogue.standstill(after: .seconds(1))
        try? dialogue.check(ProcessUsage(threads: 1, memory: 1))
        try? dialogue.check(WrittenFiles(.transcode, []))
        _ = budget.promised
        // What is told of a daemon has numbers of this message alone.
        guard case .progress = message else { return }
        let status = board.status()
        _ = try status.json()
        _ = status.sentence
        if let table = StatusReport([status], now: Date()) { _ = StatusTable(table, now: Date()).text }
        _ = board.metrics(site: "/s", workers: 1, ready: 0).text
    }

    private static func isSame(_ one: MediaMessage, _ other: MediaMessage) -> Bool {
        switch (one, other) {
        case (.ready, .ready), (.probed, .probed), (.planned, .planned): true
        default: false
        }
    }
}
