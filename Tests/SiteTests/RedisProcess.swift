import Foundation
import SiteFixture
import Testing

/// A real Redis server of one test, on a free port of the loopback; ended with the test, and by its own number alone.
final class RedisProcess: Sendable {
    let port: Int
    private let program: Program
    private let folder: String

    static let password = "open-sesame-4711"

    private init(_ program: Program, port: Int, folder: String) {
        self.program = program
        self.port = port
        self.folder = folder
    }

    /// Starts one, and waits until it says that it is ready.
    static func use(_ body: @Sendable (RedisProcess) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/redis-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Debian's tools hold the server, too: the program is one, and goes by the name that it is called.
        let name = folder + "/redis-server"
        let installed = "/usr/bin/redis-server"
        try FileManager.default.createSymbolicLink(
            atPath: name,
            withDestinationPath: FileManager.default.fileExists(atPath: installed) ? installed : "/usr/bin/redis-check-rdb")
        for _ in 0..<20 {
            let port = Int.random(in: 20000..<32000)
            let program = try Program(
                name,
                [
                    "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", folder, "--unixsocket", folder + "/socket",
                    "--requirepass", password,
                ])
            let redis = RedisProcess(program, port: port, folder: folder)
            // Another program may have the port: then it says so, and ends.
            guard try await redis.isReady() else { continue }
            do {
                try await body(redis)
            } catch {
                await redis.end()
                throw error
            }
            return await redis.end()
        }
        Issue.record("no Redis server could be started")
    }

    private func isReady() async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let said = program.outputSoFar
            if said.contains("Ready to accept connections") || said.contains("ready to accept connections at") { return true }
            if said.contains("Failed listening") || said.contains("Could not create server") {
                _ = await program.result()
                return false
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        await end()
        return false
    }

    private func end() async {
        program.signal(SIGKILL)
        _ = await program.result()
    }

    var socket: String { folder + "/socket" }

    /// Runs a command by Redis' own program, and answers what it prints.
    @discardableResult
    func ask(_ words: String..., database: Int = 1) async throws -> String {
        let result = try await Program.run(
            "redis-cli", ["-p", "\(port)", "-n", "\(database)"] + words, environment: ["REDISCLI_AUTH": Self.password])
        try #require(result.status == 0, "\(result.errors)")
        return result.output
    }
}
