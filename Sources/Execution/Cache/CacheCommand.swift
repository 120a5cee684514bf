internal import Glibc
internal import MediaProcess
internal import MediaWire
internal import WorkerConfiguration

/// The administrator's command that clears a file's cached details. Runs without a shell, with only PATH in its
/// environment, for at most half a minute.
struct CacheCommand: Sendable {
    /// The program and its arguments, with `{id}`, `{fid}` and `{site}` in them.
    let words: [String]
    var limit: Duration = .seconds(30)

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Blocks until the command has ended. Throws a `Failure`, a sentence.
    ///
    /// - Parameter fid: nil if the file's row is gone.
    func run(fileID: Int64, fid: String?, site: String) throws {
        // An argument may be program code: only plain names are inserted, whatever the database says.
        guard let fid, !fid.isEmpty, fid.allSatisfy(Self.isPlain) else {
            throw Failure(description: "cache_command was not run for file \(fileID): its fid is not a plain name.")
        }
        let filled = words.map {
            $0.replacing("{id}", with: "\(fileID)").replacing("{fid}", with: fid).replacing("{site}", with: site)
        }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        let program = Self.find(filled[0], in: path)
        let child: ChildProcess
        let errors: ErrorPipe
        do {
            let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
            guard nothing >= 0 else { throw ChildError.call("open /dev/null", code: errno) }
            defer { close(nothing) }
            let (mine, theirs) = try ErrorPipe.open()
            defer { close(theirs) }
            errors = mine
            child = try ChildProcess(
                program: program, arguments: Array(filled.dropFirst()), descriptors: [nothing, nothing, theirs],
                environment: ["PATH=\(path)"])
        } catch ChildError.start(_, let code) {
            throw Failure(description: "cache_command: \(program) could not be started: \(String(cString: strerror(code))).")
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
        throw Failure(description: "cache_command \(end)\(said.isEmpty ? "." : ": \(said)")")
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
    }

    private static func find(_ name: String, in path: String) -> String {
        guard !name.contains("/") else { return name }
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 } ?? name
    }
}
