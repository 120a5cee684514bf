import Foundation
import MediaWire
import Site
import SiteFixture
import Testing
import TestSupport
@testable import Daemon
@testable import Execution
@testable import Observability
@testable import WorkerConfiguration

/// Waits that are meant to be do not starve the service manager's watchdog. Tests/EndToEndTests has a loop that hangs.
@Suite struct WatchdogTests {
    private func serve(
        _ site: JobSite, _ configuration: Configuration, _ socket: NotifySocket, stops: AsyncStream<Void>
    ) async throws {
        let context = try await site.context(configuration)
        try await Service.run(
            configuration, untilIdle: false, stops: stops, sandbox: SandboxReport(),
            environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "400000"], log: context.log)
        await context.site.close()
    }

    /// Waits until so many signs of life have come, and answers what was said meanwhile.
    private func hear(_ count: Int, _ socket: NotifySocket) async throws -> [String] {
        var heard: [String] = []
        try await until("\(count) signs of life") {
            heard += socket.all()
            return heard.count { $0 == "WATCHDOG=1" } >= count
        }
        return heard
    }

    @Test func aLongPollIsNotMistakenForAStandstill() async throws {
        let site = try await JobSite()
        let socket = NotifySocket()
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        async let service: Void = serve(site, site.configuration { $0.poll = .seconds(3600) }, socket, stops: stops)
        let heard = try await hear(10, socket)
        #expect(heard.first?.hasPrefix("READY=1") == true, "\(heard)")
        #expect(heard.contains("STATUS=0 waiting; idle"), "\(heard)")
        stop.yield()
        try await service
    }

    @Test func norIsALongGraceTime() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let socket = NotifySocket()
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let configuration = site.configuration(program: try site.program(FakeChild.readRequest + "exec sleep 1000")) {
            ($0.grace, $0.stall) = (.seconds(3600), .seconds(60))
        }
        async let service: Void = serve(site, configuration, socket, stops: stops)
        try await until("the job") { try await site.fixture.file(upload.id).state == 2 }
        stop.yield()
        try await until("it stops") { socket.all().contains("STOPPING=1\nSTATUS=Finishing 1 job") }
        _ = try await hear(10, socket)
        stop.yield()
        try await service
        #expect(try await site.fixture.file(upload.id).state == 1)
    }

    @Test func theSentenceNamesFilesByTheirNumbers() {
        let courses = JobCourses()
        let board = StatusBoard(pid: 1, host: "media-1", database: "sqlite", running: { courses.all })
        board.set(waiting: 3, runningElsewhere: 0, retrying: 1)
        for id in 1...6 { _ = courses.begin(Int64(id), name: "evil\nMAINPID=1") }
        let sentence = board.status().sentence
        #expect(sentence.hasPrefix("3 waiting, 1 retrying; running file 1 (0 %), "), "\(sentence)")
        #expect(sentence.hasSuffix(" and 2 more") && !sentence.contains("\n"), "\(sentence)")
    }
}
