internal import Jobs
internal import Site

/// Estimates the work of a file from its row: precise enough to tell a clip from a lecture.
enum CostEstimate {
    /// Seconds of work per second of 1080p, and of audio.
    private static let film = 0.5, sound = 0.02
    /// Bytes per second, as phones and recorders produce them, and as no legitimate file exceeds.
    private static let usual = (film: 500_000.0, sound: 16_000.0), most = (film: 25_000_000.0, sound: 800_000.0)

    static func candidate(_ waiting: QueuedFile) -> Candidate {
        Candidate(
            fileID: waiting.file.id, work: seconds(waiting.file), waited: waiting.waited, isMessage: waiting.isMessage)
    }

    /// Seconds of work.
    static func seconds(_ file: MediaFile) -> Double {
        let isSound = file.type == .audio
        let size = Double(max(0, file.size ?? 0))
        // The uploader supplies the duration: it counts only as far as the file size supports it.
        let least = size / (isSound ? most.sound : most.film)
        let length = file.duration.map { max(0, Double($0)) } ?? size / (isSound ? usual.sound : usual.film)
        let pixels = Double(max(0, file.width ?? 1920)) * Double(max(0, file.height ?? 1080))
        return 1 + max(least, length) * (isSound ? sound : film * min(4, max(0.2, pixels / (1920 * 1080))))
    }
}
