internal import Jobs
package import MediaWire
package import Objects
internal import Verdicts
internal import WorkerConfiguration

/// Checks a child's reported outcome against the files themselves. Blocks briefly: it reads headers.
package struct OutcomeCheck {
    let outcome: MediaOutcome
    let subject: MediaSubject
    let limits: MediaLimits
    /// The extension of the source's name, if the request had one: an unchanged source will be served by it.
    let sourceEnding: String?

    package init(outcome: MediaOutcome, subject: MediaSubject, limits: MediaLimits, sourceEnding: String?) {
        self.outcome = outcome
        self.subject = subject
        self.limits = limits
        self.sourceEnding = sourceEnding
    }

    /// The tolerance for the duration in the output's header, in microseconds: an encoder's padding and a frame.
    private static let tolerance = 150_000
    /// Microseconds: about thirty years.
    private static let longest = 1_000_000_000_000_000

    /// The allowed types of an unchanged source.
    private static let kept = [("mp4", "video/mp4"), ("m4a", "audio/mp4"), ("mp3", "audio/mpeg")]
    package static var keptEndings: [String] { kept.map(\.0) }

    /// Throws a verdict if the report and the files differ.
    package func check(output: WorkObject, poster: WorkObject) throws {
        // Before any arithmetic: a child may send any number.
        guard (1...Self.longest).contains(outcome.duration) else { throw lie("a duration of \(outcome.duration) µs") }
        let size = try output.size()
        if outcome.isRewritten {
            guard size > 0 else { throw lie("the output is empty") }
            guard size <= Int64(limits.outputSize) else {
                throw Verdict(.resultTooLarge, detail: "\(size) bytes")
            }
            let isFilm = outcome.mime == "video/mp4" && outcome.fileExtension == "mp4"
            let isSound = outcome.mime == "audio/mp4" && outcome.fileExtension == "m4a"
            let isSong = outcome.mime == "audio/mpeg" && outcome.fileExtension == "mp3"
            guard isFilm || isSound || isSong else { throw lie("“\(outcome.mime)” with “\(outcome.fileExtension)”") }
            guard !isSong else {
                try checkSong(output)
                return try checkPoster(poster)
            }
            guard let movie = VideoOutputCheck(descriptor: output.descriptor, size: size) else {
                throw lie("an output that is not a complete MP4 with its index in front")
            }
            guard abs(movie.duration - outcome.duration) <= Self.tolerance else {
                throw lie("\(outcome.duration) µs, where the output has \(movie.duration)")
            }
            let pictures = movie.tracks.count { $0 == "vide" }, sounds = movie.tracks.count { $0 == "soun" }
            guard pictures == (outcome.width == nil ? 0 : 1), sounds <= 1, (1...2).contains(movie.tracks.count),
                pictures + sounds == movie.tracks.count, isFilm || pictures == 0
            else { throw lie("tracks of \(movie.tracks)") }
        } else {
            // The site plays the source itself, under one of these extensions.
            guard size == 0 else { throw lie("an output where none was needed") }
            guard Self.kept.contains(where: { $0 == (outcome.fileExtension, outcome.mime) }) else {
                throw lie("“\(outcome.mime)” with “\(outcome.fileExtension)”")
            }
            guard outcome.fileExtension == sourceEnding else {
                throw lie("a source that is to stay an “\(outcome.fileExtension)”, and is named “\(sourceEnding ?? "")”")
            }
        }
        guard (outcome.width == nil) == (outcome.height == nil) else { throw lie("half a size") }
        let sides = [outcome.width, outcome.height].compactMap(\.self)
        guard sides.allSatisfy({ (1...limits.side).contains($0) }) else { throw lie("a size of \(sides)") }
        try checkPoster(poster)
    }

    /// MP3 durations count whole frames, including the encoder's padding.
    private func checkSong(_ output: WorkObject) throws {
        guard outcome.width == nil, outcome.height == nil else { throw lie("an MP3 of \(outcome.width ?? 0)×\(outcome.height ?? 0)") }
        guard let duration = AudioOutputCheck.duration(descriptor: output.descriptor), abs(duration - outcome.duration) <= 2 * Self.tolerance
        else { throw lie("an output that is no MP3 of \(outcome.duration) µs with a table in front") }
    }

    /// The maximum size of an image file of any quality: the bytes of its pixels, plus headers.
    private static func mostBytes(_ pixels: Int) -> Int64 { Int64(pixels) * 3 + 65_536 }

    /// The maximum for a poster, before its size is known.
    static func mostPosterBytes(side: Int) -> Int64 {
        // A configured side squared stays far below an overflow.
        let side = min(max(side, 0), 65_535)
        return mostBytes(side * side)
    }

    /// The same packets in the same kind of container need about the same space.
    static func mostScrubbedBytes(sourceSize: Int64) -> Int64 { sourceSize.addingSaturated(sourceSize).addingSaturated(65_536) }

    package static func checkScrubbed(_ work: WorkObject, source: SourceObject) throws {
        let size = try work.size()
        guard size > 0, size <= mostScrubbedBytes(sourceSize: source.size) else {
            throw Verdict(
                .protocolViolation, detail: "The original without its metadata: \(size) bytes were written of \(source.size).")
        }
    }

    private func checkPoster(_ poster: WorkObject) throws {
        guard let width = outcome.posterWidth, let height = outcome.posterHeight else {
            guard subject != .video else { throw lie("no poster") }
            return
        }
        guard let size = PosterCheck.jpegSize(descriptor: poster.descriptor), size == (width, height) else {
            throw lie("a poster that is no JPEG of \(width)×\(height)")
        }
        guard width <= limits.side, height <= limits.side, try poster.size() <= Self.mostBytes(width * height) else {
            throw lie("a poster of \(try poster.size()) bytes for \(width)×\(height)")
        }
    }

    private func lie(_ what: String) -> Verdict {
        Verdict(
            .protocolViolation, detail: "The child's outcome does not match its files: \(what).")
    }
}
