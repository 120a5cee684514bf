import Foundation
import MediaWire
import Testing
import Verdicts

/// A file that FFmpeg reads may be one that a browser does not: what its header says is looked at as a browser does.
@Suite struct HeaderTests {
    static let video = "moov/trak:0", audio = "moov/trak:1"

    /// A film that is kept as it is.
    static func right(_ encoding: String = "") throws -> URL {
        try GeneratedMedia.make(
            "right.mp4",
            "\(SyncClip.short.inputs) -map 0:v -map 1:a \(Lavfi.h264) -bf 2 \(Lavfi.aac) -movflags +faststart -fflags +bitexact \(encoding)")
    }

    struct Case: CustomTestStringConvertible {
        var name: String
        var encoding = ""
        var edit: @Sendable (inout MovieEditor) throws -> Void
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "all durations ten times as long") {
            try $0.scale("moov/mvhd", at: 16, by: 10)
            for track in [video, audio] {
                try $0.scale("\(track)/tkhd", at: 20, by: 10)
                try $0.scale("\(track)/mdia/mdhd", at: 16, by: 10)
            }
        },
        Case(name: "the film's duration") { try $0.scale("moov/mvhd", at: 16, by: 10) },
        Case(name: "no duration of the film") { try $0.set("moov/mvhd", at: 16, to: 0) },
        Case(name: "unknown duration of the film") { try $0.set("moov/mvhd", at: 16, to: .max) },
        Case(name: "a track's duration") { try $0.scale("\(video)/tkhd", at: 20, by: 7) },
        Case(name: "a medium's duration") { try $0.scale("\(audio)/mdia/mdhd", at: 16, by: 3) },
        Case(name: "sample entry H264") { try $0.rename("\(video)/mdia/minf/stbl/stsd/avc1", to: "H264") },
        Case(name: "sample entry x264") { try $0.rename("\(video)/mdia/minf/stbl/stsd/avc1", to: "x264") },
        Case(name: "sample entry avc3") { try $0.rename("\(video)/mdia/minf/stbl/stsd/avc1", to: "avc3") },
        Case(name: "sample entry davc") { try $0.rename("\(video)/mdia/minf/stbl/stsd/avc1", to: "davc") },
        Case(name: "sample entry aac ") { try $0.rename("\(audio)/mdia/minf/stbl/stsd/mp4a", to: "aac ") },
        Case(name: "MPEG-2 AAC by its number") { try setObjectType(&$0, 0x67) },
        Case(name: "AAC that is called MP3") { try setObjectType(&$0, 0x6B) },
        Case(name: "AAC that is called MPEG-1 audio") { try setObjectType(&$0, 0x69) },
        Case(name: "AAC that is called AC-3") { try setObjectType(&$0, 0xA5) },
        Case(name: "AAC that is called a telephone's codec") { try setObjectType(&$0, 0xE1) },
        Case(name: "AAC that is called a picture") { try setObjectType(&$0, 0x20) },
        Case(name: "no clock of the sound") { try $0.set("\(audio)/mdia/mdhd", at: 12, to: 0) },
        Case(name: "no clock of the picture") { try $0.set("\(video)/mdia/mdhd", at: 12, to: 0) },
        Case(name: "no clock of the film") { try $0.set("moov/mvhd", at: 12, to: 0) },
        Case(name: "the picture is off") { try $0.set("\(video)/tkhd", at: 0, to: 2) },
        Case(name: "the sound is off") { try $0.set("\(audio)/tkhd", at: 0, to: 2) },
        Case(name: "both are off") { for track in [video, audio] { try $0.set("\(track)/tkhd", at: 0, to: 0) } },
        Case(name: "no size") { for offset in [76, 80] { try $0.set("\(video)/tkhd", at: offset, to: 0) } },
        Case(name: "half the size") { try $0.set("\(video)/tkhd", at: 76, to: 48 << 16); try $0.set("\(video)/tkhd", at: 80, to: 32 << 16) },
        Case(name: "one alternate group") { for track in [video, audio] { try $0.set("\(track)/tkhd", at: 34, bytes: [0, 1]) } },
        Case(name: "a matrix of zeros") { try $0.set("\(video)/tkhd", at: 40, bytes: [UInt8](repeating: 0, count: 36)) },
        Case(name: "a matrix that moves it") { try $0.set("\(video)/tkhd", at: 40 + 24, to: 500 << 16) },
        Case(name: "version of the movie's header") { try $0.set("moov/mvhd", at: 0, bytes: [9]) },
        Case(name: "a brand of nobody") { try $0.set("ftyp", at: 0, bytes: Array("abcd".utf8)) },
        Case(name: "negative offsets as unsigned", encoding: "-movflags +faststart+negative_cts_offsets") { try $0.set("\(video)/mdia/minf/stbl/ctts", at: 0, bytes: [0]) },
        Case(name: "no sync table") { try $0.rename("\(video)/mdia/minf/stbl/stss", to: "free") },
        Case(name: "a keyframe that is none") {
            let path = "\(video)/mdia/minf/stbl/stss"
            try $0.set(path, at: 12, to: try $0.number(path, at: 12) + 3)
        },
        Case(name: "keyframes that are not named") { try $0.set("\(video)/mdia/minf/stbl/stss", at: 4, to: 1) },
        Case(name: "no keyframes") { try $0.set("\(video)/mdia/minf/stbl/stss", at: 4, to: 0) },
        Case(name: "pixels of no shape") {
            let path = "\(video)/mdia/minf/stbl/stsd/avc1/pasp"
            try $0.set(path, at: 0, to: 0)
        },
        Case(name: "pixels a hundred times as wide") { try $0.set("\(video)/mdia/minf/stbl/stsd/avc1/pasp", at: 0, to: 100) },
        Case(name: "colours that the stream denies") { try $0.set("\(video)/mdia/minf/stbl/stsd/avc1/colr", at: 4, bytes: [0, 9, 0, 16, 0, 9]) },
        Case(name: "an edit of no length") { for track in [video, audio] { try $0.set("\(track)/edts/elst", at: 8, to: 0) } },
    ]

    private static func setObjectType(_ movie: inout MovieEditor, _ type: UInt8) throws {
        let box = try movie.box("\(audio)/mdia/minf/stbl/stsd/mp4a/esds")
        // The decoder configuration descriptor: tag 4, its length, the type.
        let place = try #require(movie.bytes[box].firstRange(of: [0x04, 0x80, 0x80, 0x80]))
        try movie.set("\(audio)/mdia/minf/stbl/stsd/mp4a/esds", at: place.lowerBound + 5 - box.lowerBound, bytes: [type])
    }

    @Test func whatIsRightIsKept() throws {
        let run = try MediaRun()(try Self.right())
        #expect(run.outcome?.isRewritten == false, "\(CopyTests.decisions(run)) \(String(describing: run.failure))")
    }

    @Test(arguments: cases) func whatABrowserDoesNotReadIsWrittenAnew(_ test: Case) throws {
        var movie = try MovieEditor(try Self.right(test.encoding))
        try test.edit(&movie)
        let run = try MediaRun()(try movie.write("wrong.mp4"))
        try Self.expectRight(run)
    }

    /// Its tracks as a browser wants them, six seconds by every header, flashes and beeps where they were.
    static func expectRight(_ run: MediaRun, moments: [Double] = SyncClip.short.moments, location: SourceLocation = #_sourceLocation) throws {
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))", sourceLocation: location)
        #expect(outcome.isRewritten, "\(CopyTests.decisions(run))", sourceLocation: location)
        guard outcome.isRewritten else { return }
        #expect(outcome.remark == nil, sourceLocation: location)
        #expect(abs(Double(outcome.duration) / 1e6 - 6) < 0.06, "\(outcome.duration)", sourceLocation: location)
        let movie = try MovieEditor(run.output)
        func seconds(_ path: String, _ scale: Int, _ duration: Int) throws -> Double {
            Double(try movie.number(path, at: duration)) / Double(scale)
        }
        let scale = Int(try movie.number("moov/mvhd", at: 12))
        #expect(abs(try seconds("moov/mvhd", scale, 16) - 6) < 0.1, sourceLocation: location)
        for track in [Self.video, Self.audio] {
            #expect(try movie.number("\(track)/tkhd", at: 0) & 3 == 3, "a track that is off", sourceLocation: location)
            #expect(abs(try seconds("\(track)/tkhd", scale, 20) - 6) < 0.1, sourceLocation: location)
            let own = Int(try movie.number("\(track)/mdia/mdhd", at: 12))
            #expect(abs(try seconds("\(track)/mdia/mdhd", own, 16) - 6) < 0.15, sourceLocation: location)
        }
        #expect(try movie.number("\(Self.video)/tkhd", at: 76) >> 16 == 96, sourceLocation: location)
        let matrix = try movie.box("\(Self.video)/tkhd").lowerBound + 40
        #expect((0..<9).map { movie.number(at: matrix + 4 * $0) } == [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000], sourceLocation: location)
        _ = try movie.box("\(Self.video)/mdia/minf/stbl/stsd/avc1/avcC")
        _ = try movie.box("\(Self.audio)/mdia/minf/stbl/stsd/mp4a/esds")
        #expect(try ProbedFile(run.output).isPlayableEverywhere, sourceLocation: location)
        for (index, found) in try SyncClip.read(run.output, near: moments).enumerated() {
            let flash = try #require(found.flash, "no flash near \(moments[index])", sourceLocation: location)
            let beep = try #require(found.beep, "no beep near \(moments[index])", sourceLocation: location)
            #expect(abs(flash - moments[index]) < 0.05 && abs(flash - beep) <= 0.020, "\(flash) \(beep)", sourceLocation: location)
        }
        try expectDecodesCleanly(run.output)
    }

    /// The film begins with seconds in which its header says that there is nothing.
    @Test func emptyBeginningIsLeftOut() throws {
        let source = try GeneratedMedia.make(
            "late.mp4", "-i @0 -map 0 -c copy -output_ts_offset 4 -movflags +faststart -fflags +bitexact", from: try Self.right())
        try Self.expectRight(try MediaRun()(source))
    }

    /// Nothing tells what its clock was.
    @Test func noClockAtAllIsDamage() throws {
        var movie = try MovieEditor(try Self.right())
        try movie.set("\(Self.video)/mdia/mdhd", at: 12, to: 0)
        try movie.set("\(Self.video)/tkhd", at: 20, to: 0)
        let failure = try MediaRun()(try movie.write("clockless.mp4")).failure
        #expect(failure?.code == .damaged && failure?.reason.contains("header") == true, "\(String(describing: failure))")
    }

    /// Edits by which nothing would be seen: what was filmed is shown all the same.
    @Test(arguments: [[video], [video, audio]]) func editsThatHideAllAreNotFollowed(_ tracks: [String]) throws {
        var movie = try MovieEditor(try Self.right())
        for track in tracks { try movie.set("\(track)/edts/elst", at: 12, to: 1 << 30) }
        let run = try MediaRun()(try movie.write("hidden.mp4"))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.isRewritten, "\(CopyTests.decisions(run))")
        #expect(abs(Double(outcome.duration) / 1e6 - 6) < 0.1)
        #expect(try ProbedFile(run.output).kinds == ["video", "audio"])
        try expectDecodesCleanly(run.output)
    }

    /// Chunks that lie behind the end of the file: what is there is written anew, and the rest is told.
    @Test(arguments: [audio, video]) func chunksOutsideTheFile(_ track: String) throws {
        var movie = try MovieEditor(try Self.right())
        let path = "\(track)/mdia/minf/stbl/stco"
        let count = Int(try movie.number(path, at: 4))
        for index in count / 2..<count { try movie.set(path, at: 8 + 4 * index, to: 0x7000_0000) }
        let run = try MediaRun()(try movie.write("outside.mp4"))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.isRewritten, "\(CopyTests.decisions(run))")
        try expectDecodesCleanly(run.output)
    }

    // MARK: The reports' films

    @Test(arguments: ["durx10.mp4", "fourcc-H264.mp4", "disabled.mp4", "aac-onebad.mp4"]) func reportIsWrittenAnew(_ name: String) throws {
        let run = try MediaRun()(Report.file(name))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.isRewritten, "\(CopyTests.decisions(run))")
        guard outcome.isRewritten else { return }
        #expect(abs(Double(outcome.duration) / 1e6 - 6) < 0.1)
        let movie = try MovieEditor(run.output)
        let scale = Double(try movie.number("moov/mvhd", at: 12))
        #expect(abs(Double(try movie.number("moov/mvhd", at: 16)) / scale - 6) < 0.1)
        for track in [Self.video, Self.audio] {
            #expect(try movie.number("\(track)/tkhd", at: 0) & 3 == 3)
            #expect(abs(Double(try movie.number("\(track)/tkhd", at: 20)) / scale - 6) < 0.1)
        }
        _ = try movie.box("\(Self.video)/mdia/minf/stbl/stsd/avc1/avcC")
        #expect(try DecodedVideo(run.output, gray: true).count == 150)
        try Report.expectTogether(run.output, moments: [1, 2, 3, 4, 5])
        try expectDecodesCleanly(run.output)
        if name == "aac-onebad.mp4" {
            #expect(try CopyTests.packets(run.output, "a") != CopyTests.packets(Report.file(name), "a"))
            #expect(try CopyTests.packets(run.output, "v") == CopyTests.packets(Report.file(name), "v"))
        }
    }

    // MARK: Every packet of sound decodes

    /// Damage in one packet of sound, wherever it is, in a file that would be kept and in one that would be copied.
    @Test(arguments: [("bad.mp4", 0.2, UInt8(0xFF)), ("bad.mp4", 0.8, 0x55), ("bad.mkv", 0.35, 0xFF), ("bad.m4a", 0.6, 0xFF)])
    func badPacketOfSoundIsFound(_ name: String, _ share: Double, _ value: UInt8) throws {
        let isSound = name.hasSuffix("m4a")
        let inputs = isSound ? SyncClip.short.sound : "\(SyncClip.short.inputs) -map 0:v -map 1:a \(Lavfi.h264)"
        let whole = try GeneratedMedia.make(name, "\(inputs) \(Lavfi.aac) -fflags +bitexact \(name.hasSuffix("mkv") ? "" : "-movflags +faststart")")
        let list = try Program.run("ffprobe", ["-v", "error", "-select_streams", "a", "-show_entries", "packet=size,pos", "-of", "csv=p=0", whole.path])
        // Silence takes a few bytes, in which there is little to damage.
        let packets = String(decoding: list.output, as: UTF8.self).split(separator: "\n").map { $0.split(separator: ",") }
            .filter { Int($0[0]).map { $0 > 60 } == true }
        let packet = packets[Int(Double(packets.count) * share)]
        let (size, position) = (try #require(Int(packet[0])), try #require(Int(packet[1])))
        var bytes = [UInt8](try Data(contentsOf: whole))
        // Matroska's position is that of the block's header.
        let from = name.hasSuffix("mkv") ? position + 12 : position
        for index in from..<position + size { bytes[index] = value }
        let source = try GeneratedMedia.write(name, bytes)
        let run = try MediaRun()(source, subject: isSound ? .audio : .video)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.isRewritten, "\(CopyTests.decisions(run))")
        #expect(abs(Double(outcome.duration) / 1e6 - 6) < 0.1)
        guard outcome.isRewritten else { return }
        try expectDecodesCleanly(run.output)
        #expect(try CopyTests.packets(run.output, "a") != CopyTests.packets(source, "a"))
    }
}

/// The films of fixtures/reports.
enum Report {
    static func file(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../fixtures/reports/\(name)").standardizedFileURL
    }

    /// Nothing but the flash makes the middle white.
    static func expectTogether(_ file: URL, moments: [Double], location: SourceLocation = #_sourceLocation) throws {
        let video = try DecodedVideo(file, gray: true), sound = try DecodedSound(file)
        for moment in moments {
            let near = moment - 0.4..<moment + 0.4
            let flash = video.times.indices.first {
                near.contains(video.times[$0]) && video.luma(picture: $0, x: video.width / 2 - 8, y: video.height / 2, width: 16, height: 16) > 230
            }
            let beep = try #require(sound.onset(from: near.lowerBound, to: near.upperBound, level: 0.05), "no beep near \(moment)", sourceLocation: location)
            let time = try #require(flash.map { video.times[$0] }, "no flash near \(moment)", sourceLocation: location)
            #expect(abs(time - beep) <= 0.020, "flash at \(time), beep at \(beep)", sourceLocation: location)
        }
    }
}
