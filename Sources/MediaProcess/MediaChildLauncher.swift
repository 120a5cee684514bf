internal import Glibc
internal import MediaWire
public import Platform
internal import Synchronization
public import WorkerConfiguration

/// Starts media children, all from one thread that lives as long as this: a child asks the kernel to be killed when
/// the thread that started it ends.
///
/// Some children may be kept in reserve: started, loaded and sandboxed in advance, so that a job need not wait for that. Each
/// still serves only one job. May be used from anywhere.
public final class MediaChildLauncher: Sendable {
    /// The path of `transcoder-media`.
    public let program: String
    private let arguments: [String]
    private let sandbox: SandboxMode
    private let thread: BlockingThread
    private let shelf: Mutex<WarmPool>

    private struct WarmPool {
        /// How many children should be ready, or starting.
        var places: Int
        var onTheirWay = 0
        var children: [MediaChild] = []
    }

    /// - Parameter ready: how many children to keep in reserve.
    public init(
        program: String, arguments: [String] = [], sandbox: SandboxMode = .required, ready: Int = 0
    ) throws(ThreadError) {
        thread = try BlockingThread()
        self.program = program
        self.arguments = arguments + (sandbox == .bestEffort ? ["--sandbox=best-effort"] : [])
        self.sandbox = sandbox
        shelf = Mutex(WarmPool(places: ready))
        fill()
    }

    deinit {
        for child in shelf.withLock({ $0.children }) { discard(child) }
    }

    /// A child for one job: from the reserve, or a new one.
    public func start() async throws -> MediaChild {
        tend()
        let ready = shelf.withLock { $0.children.isEmpty ? nil : $0.children.removeFirst() }
        fill()
        if let ready { return ready }
        return try await thread.run { try self.launch() }
    }

    /// Replaces children that died in reserve. To be called regularly: nothing else notices.
    package func tend() {
        let dead = shelf.withLock { shelf in
            let dead = shelf.children.filter(\.hasEnded)
            shelf.children.removeAll { child in dead.contains { $0 === child } }
            return dead
        }
        for child in dead { discard(child) }
        fill()
    }

    /// How many are in reserve at the moment.
    package var ready: Int { shelf.withLock { $0.children.count } }

    /// Ends an unneeded child, on a thread where waiting for its end blocks nobody.
    package func discard(_ child: MediaChild) {
        thread.post { child.end() }
    }

    /// Changes the size of the reserve.
    package func keep(ready places: Int) {
        let surplus = shelf.withLock { shelf in
            shelf.places = places
            let surplus = shelf.children.dropFirst(places)
            shelf.children.removeLast(surplus.count)
            return surplus
        }
        for child in surplus { discard(child) }
        fill()
    }

    private func fill() {
        let missing = shelf.withLock { shelf in
            let missing = max(0, shelf.places - shelf.children.count - shelf.onTheirWay)
            shelf.onTheirWay += missing
            return missing
        }
        for _ in 0..<missing {
            thread.post { [weak self] in self?.fillPlace() }
        }
    }

    private func fillPlace() {
        // If one cannot be started, nothing is lost: the job that would have used it starts one itself, and reports
        // the error.
        let child = try? launch()
        let surplus = shelf.withLock { shelf in
            shelf.onTheirWay -= 1
            guard let child, shelf.children.count < shelf.places else { return child }
            shelf.children.append(child)
            return nil
        }
        surplus?.end()
    }

    private func launch() throws -> MediaChild {
        let (mine, theirs) = try WireChannel.pair()
        let (errors, theirErrors) = try ErrorPipe.open()
        defer { close(theirErrors) }
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard nothing >= 0 else { throw ChildError.call("open /dev/null", code: errno) }
        defer { close(nothing) }
        let process = try ChildProcess(
            program: program, arguments: arguments, descriptors: [nothing, nothing, theirErrors, theirs.descriptor])
        return MediaChild(process: process, channel: mine, errors: errors, needsSandbox: sandbox == .required)
    }

    /// Finds the media program and checks that it is executable. Throws a `ConfigurationError` or a `ThreadError`.
    package static func configured(_ configuration: Configuration, ready: Int = 0) throws -> MediaChildLauncher {
        guard let program = configuration.mediaProgram ?? findProgram() else {
            throw ConfigurationError(
                "The program transcoder-media is neither beside transcoder nor in libexec: set media_program.")
        }
        guard access(program, X_OK) == 0 else {
            throw ConfigurationError("media_program: \(program): \(String(cString: strerror(errno))).")
        }
        return try MediaChildLauncher(program: program, sandbox: configuration.sandbox, ready: ready)
    }

    /// Beside our own program, then in libexec; nil if it is in neither.
    public static func findProgram() -> String? {
        guard let folder = ownPath()?.parentFolder else { return nil }
        let candidates = [
            "\(folder)/transcoder-media", "\(folder)/../libexec/transcoder/transcoder-media",
            "\(folder)/../libexec/transcoder-media",
        ]
        return candidates.first { access($0, X_OK) == 0 }
    }

    private static func ownPath() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { buffer in
            readlink("/proc/self/exe", buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
