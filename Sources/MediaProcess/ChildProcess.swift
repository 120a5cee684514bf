internal import CLinux
internal import Glibc
package import MediaWire
internal import Platform
internal import Synchronization

/// How a child process ended, and the resources it used.
public struct ChildExit: Sendable, Equatable {
    public enum Cause: Sendable, Equatable {
        case status(CInt)
        case signal(CInt)
    }

    public let cause: Cause
    /// Whether we killed it.
    public let isByUs: Bool
    /// Whether the kernel OOM-killed a process while it ran.
    public let wasMemoryShort: Bool
    /// Processor seconds, user and system.
    public let processorSeconds: Double
    /// Bytes.
    public let peakMemory: Int
}

/// A child process: identified by its pidfd, so that no signal ever reaches a later process with the same
/// PID, and always reaped. May be used from any thread.
package final class ChildProcess: Sendable {
    let pid: pid_t
    /// Readable when the process has ended. Borrowed.
    package let descriptor: CInt
    private let statistics: ProcessStatistics
    private let end = Mutex(End())
    private let killsBefore = MachineMemory.kills

    private struct End {
        var isKilled = false
        var exit: ChildExit?
    }

    /// Starts a program with the given descriptors as 0, 1, 2 …; they stay the caller's.
    ///
    /// A child asks the kernel to be killed when the thread that started it ends: call this on a long-lived thread.
    ///
    /// - Parameter environment: as in `PATH=/usr/bin`; our own environment is not passed on.
    package init(program: String, arguments: [String], descriptors: [CInt], environment: [String] = []) throws {
        var pid: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for word in words + settings { free(word) } }
        let failure = clinux_spawn(&pid, program, &words, &settings, descriptors, descriptors.count)
        guard failure == 0 else { throw ChildError.start(program: program, code: failure) }
        self.pid = pid
        do {
            statistics = try ProcessStatistics(of: pid)
            descriptor = clinux_pidfd_open(pid)
            guard descriptor >= 0 else { throw ChildError.start(program: program, code: errno) }
        } catch {
            _ = Glibc.kill(pid, SIGKILL)
            var status: CInt = 0
            while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
            throw error
        }
    }

    deinit {
        kill()
        _ = reap()
        close(descriptor)
    }

    /// Its current resource usage; nil once it is reaped.
    package var usage: ProcessUsage? { statistics.usage }

    /// Lowers its limits, which cannot rise again. A safeguard: the child should have done so itself.
    ///
    /// - Parameter fileSize: bytes of one file.
    package func limit(to limits: JobLimits, fileSize: Int) {
        end.withLock { end in
            // After it is reaped, its PID may belong to another process.
            guard end.exit == nil else { return }
            // If it has ended meanwhile, it needs none.
            _ = clinux_lower_limits(pid, UInt64(limits.memory), UInt64(limits.processorSeconds), UInt64(fileSize))
        }
    }

    /// Kills the process and its descendants, at once. Harmless if it has ended.
    package func kill() {
        end.withLock { end in
            guard end.exit == nil else { return }
            end.isKilled = true
            _ = clinux_pidfd_send_signal(descriptor, SIGKILL)
            // Until it is reaped, its PID, which is also its process group's ID, cannot be reused.
            _ = Glibc.kill(-pid, SIGKILL)
        }
    }

    /// Waits for the end, and returns whether it came in time. Blocks.
    package func wait(_ limit: Duration) -> Bool {
        let end = ContinuousClock.now + limit
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let left = max(.zero, end - .now) / .milliseconds(1)
            let result = Glibc.poll(&poll, 1, CInt(min(left.rounded(.up), 1e9)))
            if result >= 0 || errno != EINTR { return result > 0 }
        }
    }

    /// Waits for the end and collects the exit status, once; later calls return the same. Blocks.
    package func reap() -> ChildExit {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while Glibc.poll(&poll, 1, -1) < 0 && errno == EINTR {}
        return end.withLock { end in
            if let exit = end.exit { return exit }
            // Kill its descendants while the zombie still reserves the group's ID.
            _ = Glibc.kill(-pid, SIGKILL)
            var status: CInt = 0
            var usage = rusage()
            while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
            let signal = status & 0x7F
            let ended = ChildExit(
                cause: signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal), isByUs: end.isKilled,
                wasMemoryShort: MachineMemory.kills ?? 0 > killsBefore ?? 0,
                processorSeconds: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime),
                peakMemory: Int(usage.ru_maxrss) * 1024)
            end.exit = ended
            return ended
        }
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }
}

/// A child could not be started.
public enum ChildError: Error, CustomStringConvertible, Sendable, Equatable {
    case start(program: String, code: CInt)
    case call(String, code: CInt)

    /// Whether it may start later without any fix.
    public var isTransient: Bool {
        switch self {
        case .start(_, let code), .call(_, let code): TransientError.mayPass(code)
        }
    }

    public var description: String {
        switch self {
        case .start(let program, let code):
            "The media program \(program) could not be started: \(String(cString: strerror(code)))."
        case .call(let call, let code):
            "No media program could be started: \(call): \(String(cString: strerror(code)))."
        }
    }
}
