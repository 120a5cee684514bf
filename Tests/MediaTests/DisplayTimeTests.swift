import Foundation
import MediaWire
import Testing

/// Files that tell when their pictures are decoded, and not when they are shown.
@Suite struct DisplayTimeTests {
    static let mpeg4 = "-c:v mpeg4 -q:v 3 -bf 2"
    static let h264 = "\(Lavfi.h264) -bf 3"

    @Test(arguments: [
        ("H.264", "d.avi", "\(h264) -c:a pcm_s16le"), ("H.264, copied", "d.avi", "\(h264) -c:a aac"),
        ("H.264, open GOPs and many B pictures", "d.avi", "-c:v libx264 -bf 8 -x264opts open_gop=1:keyint=40:b-pyramid=strict -c:a pcm_s16le"),
        ("HEVC", "d.avi", "\(SyncTests.hevc):bframes=4 -vtag HEVC -c:a pcm_s16le"),
        ("MPEG-4", "d.avi", "\(mpeg4) -c:a pcm_s16le"), ("MPEG-4, XviD", "d.avi", "\(mpeg4) -vtag XVID -c:a libmp3lame"),
        ("MPEG-2", "d.avi", "-c:v mpeg2video -bf 2 -q:v 3 -c:a pcm_s16le"), ("H.264 without B pictures", "d.avi", "-c:v libx264 -bf 0 -c:a pcm_s16le"),
    ])
    func picturesInAVI(_ name: String, _ file: String, _ encoding: String) throws {
        let run = try Self.expectInStep(try MarkedFilm.make(file, encoding), soundDelay: encoding.hasSuffix("s16le") ? 0 : 0.03)
        if name.contains("copied") { #expect(run.plan?.decisions.contains { $0.stream == 0 && $0.action == "copy" } == true) }
    }

    /// Programs that leave out the difference between the two times.
    @Test(arguments: ["d.mp4", "d.mov", "d.flv"]) func decodingTimesInsteadOfOthers(_ file: String) throws {
        let film = try MarkedFilm.make("film.avi", "\(Self.h264) -c:a pcm_s16le")
        let source = try GeneratedMedia.make(file, "-i @0 -c:v copy -bsf:v setts=pts=DTS -c:a libmp3lame", from: film)
        try Self.expectInStep(source, soundDelay: 0.03)
    }

    /// Films out of AVI whose blocks have the decoding times, each picture that of its own or of the next one.
    @Test(arguments: ["-bsf:v setts=pts=DTS", "-fflags +genpts"], [h264, "-c:v libx264 -bf 8 -x264opts open_gop=1:keyint=40:b-pyramid=strict"])
    func decodingTimesInMatroska(_ way: String, _ encoding: String) throws {
        let film = try MarkedFilm.make("film.avi", "\(encoding) -c:a pcm_s16le")
        let recipe = way.contains("setts") ? "-i @0 -c copy \(way)" : "\(way) -i @0 -c copy"
        try Self.expectInStep(try GeneratedMedia.make("d.mkv", recipe, from: film))
    }

    /// The decoding times of a film that had both: those before zero moved its sound.
    @Test func decodingTimesOfAFilmWithBoth() throws {
        let film = try MarkedFilm.make("film.mkv", "\(Self.h264) -c:a pcm_s16le")
        try Self.expectInStep(try GeneratedMedia.make("d.mkv", "-i @0 -c copy -bsf:v setts=pts=DTS", from: film))
    }

    /// A track made for AVI's players.
    @Test func tracksOfAVIInMatroska() throws {
        let film = try MarkedFilm.make("film.avi", "\(Self.mpeg4) -c:a pcm_s16le")
        let raw = try GeneratedMedia.make("film.m4v", "-i @0 -c:v copy -an -f m4v", from: film)
        let sound = try GeneratedMedia.make("film.raw", "-i @0 -vn -c:a copy -f s16le", from: film)
        let pictures = MPEG4Pictures(Array(try Data(contentsOf: raw))).all
        let file = MatroskaFile(code: "DX50", pictures: pictures, samples: Array(try Data(contentsOf: sound)))
        try Self.expectInStep(try GeneratedMedia.write("d.mkv", file.bytes))
    }

    /// MPEG-4 as DivX and XviD wrote it, one picture a chunk, two pictures in one and none in the next, and with chunks that
    /// hold the picture before them.
    @Test(arguments: ["one", "packed", "packed, and says so", "held"]) func chunksOfMPEG4(_ kind: String) throws {
        let film = try MarkedFilm.make("film.avi", "\(Self.mpeg4) -c:a pcm_s16le")
        let raw = try GeneratedMedia.make("film.m4v", "-i @0 -c:v copy -an -f m4v", from: film)
        let sound = try GeneratedMedia.make("film.raw", "-i @0 -vn -c:a copy -f s16le", from: film)
        var pictures = MPEG4Pictures(Array(try Data(contentsOf: raw)))
        #expect(pictures.all.count == 150 && pictures.all.contains(where: MPEG4Pictures.isB))
        if kind == "packed, and says so" { pictures.say("DivX503b1393p") }
        var chunks = kind.hasPrefix("packed") ? pictures.packed : pictures.all
        if kind == "held" { chunks.insert(contentsOf: Array(repeating: [], count: 5), at: 75) }
        let file = AVIFile(code: "DX50", pictures: chunks, samples: Array(try Data(contentsOf: sound)))
        let source = try GeneratedMedia.write("d.avi", file.bytes)
        guard kind == "held" else { return _ = try Self.expectInStep(source) }
        let run = try Self.convert(source)
        let video = try withExtendedLifetime(run) { try DecodedVideo(run.output, gray: true) }
        #expect(FrameCounter.numbers(video) == (0..<150).map { $0 })
        // One picture stays for as long as six.
        #expect(zip(video.times, video.times.dropFirst()).map { Int((($1 - $0) * 25).rounded()) }.sorted().suffix(2) == [1, 6])
    }

    @Test func reportedFilm() throws {
        let run = try MediaRun()(Reports.file("h264b.avi"))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.frames >= 148 && abs(Double(outcome.duration) / 1e6 - 6) < 0.2)
        let marks = try SecondMarks(run.output)
        // Its MP3 sound is 25 ms late by itself.
        #expect(try #require(marks.apart) <= 0.045, "\(marks)")
    }

    static func convert(_ source: URL) throws -> MediaRun {
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        return run
    }

    /// Every picture is there, one each 40 ms from the beginning, and the sound is where it was drawn.
    /// - Parameter soundDelay: what an encoder puts before the sound, and AVI does not tell.
    @discardableResult
    static func expectInStep(_ source: URL, soundDelay: Double = 0, location: SourceLocation = #_sourceLocation) throws -> MediaRun {
        let run = try convert(source)
        let video = try DecodedVideo(run.output, gray: true)
        #expect(FrameCounter.numbers(video) == (0..<150).map { $0 }, sourceLocation: location)
        let first = video.times.first ?? -1
        let moved = video.times.enumerated().map { abs($1 - first - Double($0) / 25) }.max() ?? 1
        #expect(moved < 0.002, "moved by \(moved) s", sourceLocation: location)
        let marks = try SecondMarks(run.output)
        #expect(marks.flashes.count == 6 && marks.beeps.count == 6, "\(marks)", sourceLocation: location)
        for (flash, beep) in zip(marks.flashes, marks.beeps) {
            #expect((-0.020...0.020 + soundDelay).contains(beep - flash), "flash \(flash), beep \(beep)", sourceLocation: location)
        }
        return run
    }
}

extension MPEG4Pictures {
    /// The program's name, before the first picture.
    mutating func say(_ name: String) {
        guard let code = all[0].indices.dropLast(4).first(where: { all[0][$0...].prefix(4).elementsEqual([0, 0, 1, 0xB6]) }) else { return }
        all[0].insert(contentsOf: [0, 0, 1, 0xB2] + Array(name.utf8), at: code)
    }
}
