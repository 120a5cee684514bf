internal import Glibc
internal import MediaWire
public import Platform
internal import Synchronization
public import WorkerConfiguration

/// Starts media children, all from one thread that lives as long as this: a child asks the kernel to be killed when
/// the thread that started it ends.
///
/// Some may be kept ready: started, loaded and locked in ahead of need, so that a job does not wait for that. Each
/// serves one job all the same. May be used from anywhere.
public final class MediaChildLauncher: Sendable {
    /// The path of `transcoder-media`.
    public let program: String
    private let arguments: [String]
    private let sandbox: SandboxMode
    private let thread: BlockingThread
    private let shelf: Mutex<WarmPool>

    private struct WarmPool {
        /// How many are to be ready, or on their way there.
        var places: Int
        var onTheirWay = 0
        var children: [MediaChild] = []
    }

    /// - Parameter ready: how many children are kept ready.
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

    /// A child for one job: one that is ready, or a new one.
    public func start() async throws -> MediaChild {
        tend()
        let ready = shelf.withLock { $0.children.isEmpty ? nil : $0.children.removeFirst() }
        fill()
        if let ready { return ready }
        return try await thread.run { try self.launch() }
    }

    /// Replaces those that have died while they waited. To be called now and then: nobody else misses them.
    package func tend() {
        let dead = shelf.withLock { shelf in
            let dead = shelf.children.filter(\.hasEnded)
            shelf.children.removeAll { child in dead.contains { $0 === child } }
            return dead
        }
        for child in dead { discard(child) }
        fill()
    }

    /// How many are kept ready just now.
    package var ready: Int { shelf.withLock { $0.children.count } }

    /// Ends a child that is not wanted, where waiting for its end holds up nobody.
    package func discard(_ child: MediaChild) {
        thread.post { child.end() }
    }

    /// So many children are kept ready from now on.
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
        // One that cannot be started is missed by nobody: the job that would have taken it starts one itself, and is
        // told what is wrong.
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

    /// The media program, found and seen to be one. Throws a `ConfigurationError` or a `ThreadError`.
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

    /// Beside our own program, then in libexec; nil where it is in neither.
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
