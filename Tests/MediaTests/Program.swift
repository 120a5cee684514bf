import Foundation

/// A program of this machine, run to its end.
enum Program {
    struct Ending {
        var output: Data
        var errors: String
    }

    struct Failed: Error, CustomStringConvertible {
        var command: String
        var status: Int32
        var errors: String

        var description: String { "\(command)\nended with \(status): \(errors)" }
    }

    @discardableResult
    static func run(_ name: String, _ arguments: [String]) throws -> Ending {
        let folder = try GeneratedMedia.freshFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (output, errors) = (folder.appending(path: "output"), folder.appending(path: "errors"))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors.path, O_WRONLY | O_CREAT, 0o600)
        let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        var pid = pid_t()
        let code = withCStrings([name] + arguments) { argv in
            withCStrings(environment) { posix_spawnp(&pid, name, &actions, nil, argv, $0) }
        }
        guard code == 0 else { throw POSIXError(.init(rawValue: code) ?? .ENOENT) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let said = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
        guard status == 0 else {
            let command = ([name] + arguments).joined(separator: " ")
            throw Failed(command: command, status: status, errors: String(said.suffix(2000)))
        }
        return Ending(output: try Data(contentsOf: output), errors: said)
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return body(copies)
    }
}
