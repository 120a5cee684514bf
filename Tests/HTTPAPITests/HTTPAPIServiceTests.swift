import Foundation
import Logging
import Platform
import ServiceLifecycle
import Synchronization
import Testing
import TestSupport
@testable import HTTPAPI
@testable import WorkerConfiguration

@Suite(.timeLimit(.minutes(10))) struct HTTPAPIServiceTests {
    private let place = TemporaryFolder()
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func open(_ path: String) async throws -> APIService? {
        do {
            let endpoint = HTTPServer.Endpoint(try .unix(path: path), explain: { Array($0.utf8) }) { _ in }
            return APIService(server: try await HTTPServer([endpoint], log: Self.log))
        } catch let error as ListeningError {
            throw TransientError.sorted(error.description, error.code)
        }
    }

    /// Whoever has the socket may go: nobody need start the daemon anew.
    @Test func aTakenSocketIsOpenedWhenItIsFree() async throws {
        let path = place.path + "/notify.sock"
        let attempts = Mutex(0)
        let other = Mutex<ListeningSocket?>(try ListeningSocket.unix(path: path))
        let service = try await HTTPAPIService(pause: .milliseconds(5), log: Self.log) {
            attempts.withLock { $0 += 1 }
            return try await open(path)
        }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [service], logger: Self.log))
        async let running: Void = group.run()
        try await until("it is tried again") { attempts.withLock { $0 } > 2 }
        other.withLock { $0 = nil }
        try await until("it is open") { FileManager.default.fileExists(atPath: path) }
        await group.triggerGracefulShutdown()
        try await running
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func whatIsNotOpenYetIsGivenUp() async throws {
        let path = place.path + "/notify.sock"
        let other = try ListeningSocket.unix(path: path)
        let service = try await HTTPAPIService(pause: .seconds(3600), log: Self.log) { try await open(path) }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [service], logger: Self.log))
        async let running: Void = group.run()
        await group.triggerGracefulShutdown()
        try await running
        withExtendedLifetime(other) {}
    }

    /// What somebody has to fix is told at once.
    @Test func aSocketThatCannotBeIsAMistake() async throws {
        let path = place.path + "/file"
        try Data().write(to: URL(filePath: path))
        await #expect(throws: ConfigurationError.self) { _ = try await HTTPAPIService(log: Self.log) { try await open(path) } }
    }

    @Test func aMachineWithoutRoomIsNoMistake() {
        for code in [EADDRINUSE, EMFILE, EAGAIN] { #expect(TransientError.sorted("", code) is TransientError) }
        for code in [0, EACCES, EAFNOSUPPORT] { #expect(TransientError.sorted("", code) is ConfigurationError) }
    }
}
