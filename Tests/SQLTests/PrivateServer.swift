import Foundation
import Testing

@testable import SQL

/// A server of one test, which may be stopped, frozen and started again. Started by scripts/databases.sh.
final class PrivateServer: Sendable {
    let dialect: SQLDialect
    let server: SQLServer
    private let folder: TemporaryFolder

    /// Runs `body` with a server, and ends it in any case.
    ///
    /// - Parameter isPlain: it knows no TLS.
    static func run(_ dialect: SQLDialect, isPlain: Bool = false, _ body: (PrivateServer) async throws -> Void) async throws {
        let machine = try await PrivateServer(dialect, isPlain)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(machine)) } catch { outcome = .failure(error) }
        try machine.send(SIGCONT)
        try await machine.stop()
        try outcome.get()
    }

    private init(_ dialect: SQLDialect, _ isPlain: Bool) async throws {
        self.dialect = dialect
        folder = try TemporaryFolder()
        let lines = try await Self.script("start", folder.path, dialect.rawValue, isPlain: isPlain)
        let line = try #require(lines.split(separator: "\n").first { $0.contains("_\(dialect.rawValue.uppercased())=") })
        let address = try #require(SQLServerAddress(String(line.split(separator: "'")[1])))
        server = TestDatabase.server(address)
    }

    /// Waits until it answers.
    func start() async throws { _ = try await Self.script("start", folder.path, dialect.rawValue) }

    /// Waits until it is gone.
    func stop() async throws { _ = try await Self.script("stop", folder.path, dialect.rawValue) }

    /// As if its machine had been unplugged, or not.
    func send(_ signal: Int32) throws {
        let file = folder.path + "/\(dialect.rawValue).pid"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return }
        let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        // PostgreSQL's connections are processes of their own.
        let all = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
        for process in all where process == pid || Self.parent(of: process) == pid { kill(process, signal) }
    }

    private static func parent(of process: pid_t) -> pid_t? {
        let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("PPid:") }
        return line.flatMap { pid_t($0.dropFirst(5).trimmingCharacters(in: .whitespaces)) }
    }

    struct Failed: Error {
        let output: String
    }

    private static func process(_ arguments: String...) -> Process {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = root.appending(path: "scripts/databases.sh")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        return process
    }

    private static func script(_ command: String, _ folder: String, _ name: String, isPlain: Bool = false) async throws -> String {
        let process = process(command, folder, name)
        var environment = ProcessInfo.processInfo.environment
        environment["DATABASES_OWNER"] = String(getpid())
        if isPlain { environment["DATABASES_PLAIN"] = "1" }
        process.environment = environment
        let output = folder + "/output"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        // A file and not a pipe: a server that is left running does not hold it open against us.
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        guard process.terminationStatus == 0 else { throw Failed(output: text) }
        return text
    }
}
