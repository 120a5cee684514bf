internal import CLinux
internal import Glibc
internal import Jobs
public import MediaWire
internal import Synchronization
public import Verdicts

/// A child's results, with its sandbox. A probe fills `info`, a plan `info` and `plan`, a transcode all three.
public struct MediaAnswer: Sendable, Equatable {
    public var sandbox: SandboxReport?
    /// The reply to a handshake.
    public var equipment: CapabilitiesReport?
    public var info: MediaInfo?
    public var plan: PlanReport?
    public var outcome: MediaOutcome?
    public var exit: ChildExit?

    public init() {}
}

/// One `transcoder-media` process, which serves one request. It may be started in advance.
///
/// `perform` may be called once. `kill` may be called from anywhere, at any time. The process is gone, and reaped,
/// when `perform` has returned, or the last reference is gone.
public final class MediaChild: Sendable {
    private let process: ChildProcess
    private let channel: WireChannel
    private let errors: ErrorPipe
    private let needsSandbox: Bool
    private let killedFor = Mutex<Verdict?>(nil)
    /// The interval for checking its resource usage and output.
    private static let look = Duration.milliseconds(100)

    init(process: ChildProcess, channel: WireChannel, errors: ErrorPipe, needsSandbox: Bool) {
        self.process = process
        self.channel = channel
        self.errors = errors
        self.needsSandbox = needsSandbox
    }

    package var pid: Int32 { process.pid }

    /// Kills the child; `perform` throws this verdict, unless the child was done before.
    public func kill(_ verdict: Verdict) {
        killedFor.withLock { reason in
            if reason == nil { reason = verdict }
        }
        process.kill()
    }

    /// Kills it and waits for its end when the last reference goes, which may happen anywhere: use a separate thread. Blocks.
    func end() {
        process.kill()
        _ = process.reap()
    }

    /// Whether it died before it got a request.
    var hasEnded: Bool { hasEnded(within: .zero) }

    /// Sends the request and reads the child's messages until it ends. Blocks: call it on a `BlockingThread`.
    ///
    /// - Parameters:
    ///   - descriptors: as the task requires them; the caller keeps them.
    ///   - stall: the child is killed after this long without progress; nil waits forever.
    ///   - farewell: how long the child may take to exit after its last message.
    ///   - onLook: called on this thread several times per second, whether the child sends anything or not.
    ///   - onMessage: called on this thread for every message, with whether it shows progress, before the
    ///     next one is read, so that a child that sends faster than we read has to wait.
    /// - Throws: `Verdict`, the child's own or one about the child.
    public func perform(
        _ request: MediaRequest, descriptors: [CInt], stall: Duration? = nil, farewell: Duration = .seconds(5),
        onLook: () -> Void = {}, onMessage: (MediaMessage, Bool) -> Void = { _, _ in }
    ) throws(Verdict) -> MediaAnswer {
        var dialogue = ChildProtocol(request, needsSandbox: needsSandbox)
        let files = WrittenFiles(request.task, descriptors)
        // From the start, not only after it has limited itself.
        process.limit(to: dialogue.limits, fileSize: dialogue.fileSize)
        do {
            // It gets no file before it has sandboxed itself.
            try listen(&dialogue, files, stall: stall, until: { $0.isReady })
            // A child that died in reserve knows nothing of this file.
            if dialogue.isReady, hasEnded {
                throw Verdict(.programUnusable, detail: "It ended before it received the file.")
            }
            if dialogue.isReady {
                try channel.send(request, descriptors: descriptors)
                try listen(&dialogue, files, stall: stall, until: { $0.isOver }, onLook: onLook, onMessage: onMessage)
            }
        } catch let verdict as Verdict {
            dialogue.breach = verdict
            process.kill()
        } catch {
            // A dying child closes the socket: how it ended says more than the failed call.
            dialogue.channelError = "\(error)"
        }
        do {
            try awaitEnd(dialogue, files, within: farewell)
        } catch {
            if dialogue.breach == nil { dialogue.breach = error }
            process.kill()
        }
        let exit = process.reap()
        return try dialogue.answer(exit: exit, killedFor: killedFor.withLock { $0 }, errors: errors.text())
    }

    private func listen(
        _ dialogue: inout ChildProtocol, _ files: WrittenFiles, stall: Duration?, until isEnough: (ChildProtocol) -> Bool,
        onLook: () -> Void = {}, onMessage: (MediaMessage, Bool) -> Void = { _, _ in }
    ) throws {
        let clock = ContinuousClock()
        let start = clock.now
        var lastGrowth = start
        var nextLook = start
        while !isEnough(dialogue) {
            var left = dialogue.limits.time - (clock.now - start)
            guard left > .zero else { throw ChildProtocol.overTime(dialogue.limits.time) }
            if let stall {
                left = min(left, stall - (clock.now - lastGrowth))
                guard left > .zero else { throw dialogue.standstill(after: stall) }
            }
            // Read a pending plan first: the output may follow it.
            if clock.now >= nextLook, !hasWord || clock.now >= nextLook + Self.look * 10 {
                try look(dialogue, files)
                onLook()
                nextLook = clock.now + Self.look
            }
            let wait = Self.milliseconds(min(left, Self.look)) + 1
            // Also watch for its end: a descendant may keep the socket open.
            var watched = [
                pollfd(fd: channel.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: process.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&watched, 2, wait) < 0 && errno != EINTR { throw ChildError.call("poll", code: errno) }
            if watched[0].revents != 0 {
                guard let record = try receive() else { return }
                let hasGrown = try dialogue.accept(record)
                if hasGrown { lastGrowth = clock.now }
                // The job's limits are known by now.
                if case .probed = record { process.limit(to: dialogue.limits, fileSize: dialogue.fileSize) }
                onMessage(record, hasGrown)
            } else if watched[1].revents != 0 {
                return
            }
        }
    }

    private func receive() throws -> MediaMessage? {
        do {
            return try channel.receive(MediaMessage.self)?.message
        } catch let error as WireError {
            throw Verdict(.protocolViolation, detail: "An unreadable message: \(error)")
        } catch let error as ChannelError where error.code == ECONNRESET {
            return nil
        }
    }

    private func look(_ dialogue: ChildProtocol, _ files: WrittenFiles) throws(Verdict) {
        if let usage = process.usage { try dialogue.check(usage) }
        try dialogue.check(files)
    }

    /// Whether an unread message is pending.
    private var hasWord: Bool {
        var watched = pollfd(fd: channel.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, 0) > 0
    }

    private func awaitEnd(_ dialogue: ChildProtocol, _ files: WrittenFiles, within limit: Duration) throws(Verdict) {
        let deadline = ContinuousClock.now + limit
        while !hasEnded(within: min(Self.look, deadline - .now)) {
            try look(dialogue, files)
            guard .now < deadline else { throw dialogue.verdictOfSilence }
        }
    }

    private func hasEnded(within limit: Duration) -> Bool {
        var watched = pollfd(fd: process.descriptor, events: Int16(POLLIN), revents: 0)
        let deadline = ContinuousClock.now + limit
        while true {
            let count = poll(&watched, 1, Self.milliseconds(max(.zero, deadline - .now)))
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }

    private static func milliseconds(_ duration: Duration) -> CInt {
        CInt(min(duration / .milliseconds(1), 1_000_000_000))
    }
}
