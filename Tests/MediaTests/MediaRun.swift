import Foundation
import Media
import MediaWire
import Verdicts

/// Runs one job in this process, on plain files, and keeps what it told.
final class MediaRun {
    let folder: URL
    let output: URL
    let poster: URL
    private(set) var messages: [MediaMessage] = []
    /// FFmpeg's log is one for the process, which serves one job: here jobs take turns.
    private static let turn = NSLock()

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "media-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        output = folder.appending(path: "output.mp4")
        poster = folder.appending(path: "poster.jpg")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    @discardableResult
    func callAsFunction(
        _ source: URL, task: MediaRequest.Task = .transcode, subject: MediaSubject = .any, profile: Profile = Profile()
    ) throws -> MediaRun {
        Self.turn.lock()
        defer { Self.turn.unlock() }
        FFmpegLog.start()
        for file in [output, poster] { try Data().write(to: file) }
        let descriptors = try [(source, O_RDONLY), (output, O_RDWR), (poster, O_RDWR)].map { file, flags in
            let descriptor = open(file.path, flags | O_CLOEXEC)
            guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
            return descriptor
        }
        defer { for descriptor in descriptors { close(descriptor) } }
        let request = MediaRequest(
            task: task, subject: subject, profile: profile, threads: 2, sourceExtension: source.pathExtension)
        let files = MediaJob.Files(source: descriptors[0], output: descriptors[1], poster: descriptors[2])
        try MediaJob(request, files: files) { self.messages.append($0) }.run()
        return self
    }

    var outcome: MediaOutcome? {
        if case .finished(let outcome)? = messages.last { outcome } else { nil }
    }

    var failure: Verdict? {
        if case .failed(let failure)? = messages.last { failure } else { nil }
    }

    var info: MediaInfo? {
        messages.lazy.compactMap { if case .probed(let info) = $0 { info } else { nil } }.first
    }

    /// The last plan: the one that was carried out.
    var plan: PlanReport? {
        messages.lazy.reversed().compactMap { if case .planned(let report) = $0 { report } else { nil } }.first
    }
}
