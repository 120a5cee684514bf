internal import CLinux
internal import Glibc
package import MediaWire
internal import Platform
internal import Synchronization

/// How a child process ended, and what it cost.
public struct ChildExit: Sendable, Equatable {
    public enum Cause: Sendable, Equatable {
        case status(CInt)
        case signal(CInt)
    }

    public let cause: Cause
    /// Whether we have killed it.
    public let isByUs: Bool
    /// Whether the kernel has killed something for want of memory while it ran.
    public let wasMemoryShort: Bool
    /// Seconds of processor time, its own and the kernel's.
    public let processorSeconds: Double
    /// Bytes.
    public let peakMemory: Int
}

/// One started process: known by its process descriptor, so that no signal ever reaches a later process with the same
/// number, and always reaped. May be used from any thread.
package final class ChildProcess: Sendable {
    let pid: pid_t
    /// Readable when the process has ended. Lent.
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
    /// A child asks the kernel to be killed when the thread that started it ends: call this on a thread that stays.
    ///
    /// - Parameter environment: as in `PATH=/usr/bin`; nothing of our own is handed on.
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

    /// What it has now; nil when it has been reaped.
    package var usage: ProcessUsage? { statistics.usage }

    /// Lowers its limits, which can only fall. What it should have done itself, and may not have.
    ///
    /// - Parameter fileSize: bytes of one file.
    package func limit(to limits: JobLimits, fileSize: Int) {
        end.withLock { end in
            // Its number is another's once it has been reaped.
            guard end.exit == nil else { return }
            // One that has ended meanwhile needs none.
            _ = clinux_lower_limits(pid, UInt64(limits.memory), UInt64(limits.processorSeconds), UInt64(fileSize))
        }
    }

    /// Ends the process and whatever it started, at once. Harmless when it has ended.
    package func kill() {
        end.withLock { end in
            guard end.exit == nil else { return }
            end.isKilled = true
            _ = clinux_pidfd_send_signal(descriptor, SIGKILL)
            // Until it is reaped its number, which is also its group's, cannot belong to anybody else.
            _ = Glibc.kill(-pid, SIGKILL)
        }
    }

    /// Waits for the end, and answers whether it came in time. Blocks.
    package func wait(_ limit: Duration) -> Bool {
        let end = ContinuousClock.now + limit
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let left = max(.zero, end - .now) / .milliseconds(1)
            let result = Glibc.poll(&poll, 1, CInt(min(left.rounded(.up), 1e9)))
            if result >= 0 || errno != EINTR { return result > 0 }
        }
    }

    /// Waits for the end and takes the exit status, once; later calls return the same. Blocks.
    package func reap() -> ChildExit {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while Glibc.poll(&poll, 1, -1) < 0 && errno == EINTR {}
        return end.withLock { end in
            if let exit = end.exit { return exit }
            // What it may have started goes with it, while the group's number is still taken by the dead.
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

/// A child could not be started at all.
public enum ChildError: Error, CustomStringConvertible, Sendable, Equatable {
    case start(program: String, code: CInt)
    case call(String, code: CInt)

    /// Whether it may be started later with nobody mending anything.
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
