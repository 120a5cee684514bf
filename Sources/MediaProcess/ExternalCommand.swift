internal import Glibc
internal import MediaWire
internal import WorkerConfiguration

/// A command of the administrator's. Runs without a shell, with only PATH in its environment, for a limited time.
package struct ExternalCommand: Sendable {
    /// The key that names it.
    let key: String
    let words: [String]
    var limit: Duration = .seconds(30)

    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    /// - Parameter words: the program and its arguments; not empty.
    package init(key: String, words: [String], limit: Duration = .seconds(30)) {
        self.key = key
        self.words = words
        self.limit = limit
    }

    /// Blocks until the command has ended. Throws a `Failure`, a sentence.
    ///
    /// - Parameter input: what it reads from its standard input; less than a pipe holds (64 kB).
    package func run(input: [UInt8] = []) throws {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        let program = Self.find(words[0], in: path)
        let child: ChildProcess
        let errors: ErrorPipe
        do {
            let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
            guard nothing >= 0 else { throw ChildError.call("open /dev/null", code: errno) }
            defer { close(nothing) }
            let reading = input.isEmpty ? dup(nothing) : try InputPipe.filled(with: input)
            guard reading >= 0 else { throw ChildError.call("dup", code: errno) }
            defer { close(reading) }
            let (mine, theirs) = try ErrorPipe.open()
            defer { close(theirs) }
            errors = mine
            child = try ChildProcess(
                program: program, arguments: Array(words.dropFirst()), descriptors: [reading, nothing, theirs], environment: ["PATH=\(path)"])
        } catch ChildError.start(_, let code) {
            throw Failure(description: "\(key): \(program) could not be started: \(String(cString: strerror(code))).")
        }
        let isInTime = child.wait(limit)
        if !isInTime { child.kill() }
        let exit = child.reap()
        guard exit.cause != .status(0) else { return }
        var end = ""
        switch exit.cause {
        case _ where !isInTime: end = "took longer than \(Quantity.duration(limit))"
        case .status(let status): end = "exited with \(status)"
        case .signal(let signal): end = "was killed by signal \(signal)"
        }
        let said = PlainText.tail(errors.text(), bytes: 500).split(separator: "\n").joined(separator: " / ")
        throw Failure(description: "\(key) \(end)\(said.isEmpty ? "." : ": \(said)")")
    }

    private static func find(_ name: String, in path: String) -> String {
        guard !name.contains("/") else { return name }
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 } ?? name
    }
}
