internal import Glibc
package import MediaWire
package import MediaProcess
internal import Platform

/// Children that are shell scripts: each plays one way in which a media child can go wrong.
package enum FakeChild {
    package static func start(_ script: String) async throws -> MediaChild {
        try await MediaChildLauncher(program: "/bin/sh", arguments: ["-c", script]).start()
    }

    /// Says that it is ready, and takes the request off the socket.
    package static let readRequest = sayReady + "dd bs=65536 count=1 <&3 >/dev/null 2>&1; "

    /// As if it were locked in.
    package static let sayReady: String = {
        var report = SandboxReport()
        (report.landlock, report.hasSeccomp) = (7, true)
        // A report of two fields is never too long.
        return (try? send(.ready(report))) ?? "exit 70; "
    }()

    /// Sends one message as one record.
    package static func send(_ message: MediaMessage) throws -> String {
        let digits = try WireCoder.encode(message).map { byte in
            let octal = String(byte, radix: 8)
            return "\\" + String(repeating: "0", count: 3 - octal.count) + octal
        }
        return "printf '\(digits.joined())' >&3; "
    }

    /// All that a transcode must have told by its end.
    package static func result(_ outcome: MediaOutcome) throws -> String {
        try send(.probed(MediaInfo())) + send(.planned(PlanReport())) + send(.finished(outcome))
    }

    package static func progress(frames: Int, packets: Int = 0, done: Int = 0, phase: MediaProgress.Phase = .transcoding)
        -> MediaMessage
    {
        var progress = MediaProgress()
        progress.phase = phase
        progress.frames = frames
        progress.packets = packets
        progress.done = done
        return .progress(progress)
    }
}

extension MediaChild {
    /// What `perform` says with no descriptors, on a thread of its own.
    package func answer(
        _ task: MediaRequest.Task = .probe, stall: Duration? = .seconds(60),
        onMessage: @escaping @Sendable (MediaMessage, Bool) -> Void = { _, _ in }
    ) async throws -> MediaAnswer {
        var request = MediaRequest()
        request.task = task
        let asked = request
        return try await BlockingThread().run {
            try self.perform(asked, descriptors: [], stall: stall, farewell: .milliseconds(500), onMessage: onMessage)
        }
    }
}
