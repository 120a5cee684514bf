import Foundation
import MediaWire
import Testing
import Verdicts

/// What cannot be decoded is told, or fails: it never vanishes. And the plan says the same as the work.
@Suite struct LossTests {
    // MARK: The picture

    /// Newer FFmpegs read them, and lose nothing; for the others the codec is named.
    @Test(arguments: [("vvc-aac.mp4", "vvc1"), ("hevc-enh.flv", "hevc")])
    func aReportsFilmIsReadOrItsCodecIsNamed(_ name: String, _ codec: String) throws {
        let source = Reports.file(name)
        guard let film = try? DecodedVideo(source, gray: true), film.count > 0 else {
            return try Self.expectUnsupported(source, naming: codec)
        }
        let run = try Self.expectAgreement(source)
        #expect(run.outcome?.frames == film.count && run.outcome?.remark == nil, "\(String(describing: run.failure))")
    }

    private static let film = "\(Lavfi.test("96x64")) \(Lavfi.tone()) -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac"

    /// The sound decodes, and the picture's codec is one that FFmpeg has not.
    @Test(arguments: [
        ("a.mp4", "avc1", "xyz1", "xyz1"), ("a.mov", "avc1", "vvi1", "vvi1/vvc"), ("a.mkv", "V_MPEG4/ISO/AVC", "V_MPEGI/ISO/VVC", "vvc"),
        ("a.avi", "H264", "XYZ9", "XYZ9"),
    ])
    func aPictureOfAnUnknownCodecFails(_ name: String, _ from: String, _ to: String, _ codec: String) throws {
        let whole = try GeneratedMedia.make(name, Self.film)
        let source = try Self.replace(from, by: to, in: whole, all: name == "a.avi")
        for subject in [MediaSubject.any, .video] { try Self.expectUnsupported(source, naming: codec, subject: subject) }
        // Where only sound is played, nothing is missing.
        let run = try Self.expectAgreement(source, subject: .audio)
        #expect(run.outcome?.remark == nil && run.outcome?.width == nil && run.outcome != nil, "\(String(describing: run.failure))")
    }

    /// A track of data that holds a picture by its sample entry.
    @Test func aPictureInATrackOfUnknownKindFails() throws {
        let whole = try GeneratedMedia.make("a.mp4", Self.film)
        let source = try Self.replace("avc1", by: "vvc1", in: try Self.replace("vide", by: "xxxx", in: whole))
        try Self.expectUnsupported(source, naming: "vvc1/vvc")
    }

    /// Codecs of Flash video that servers number without a standard, and those of enhanced FLV.
    @Test(arguments: [([0x1C, 0x2C], "hevc"), ([0x1D, 0x2D], "av1")] as [([UInt8], String)])
    func aNumberedCodecOfFlashFails(_ bytes: [UInt8], _ codec: String) throws {
        let whole = try GeneratedMedia.make("a.flv", "\(Lavfi.test("96x64")) \(Lavfi.tone(rate: 44_100)) -c:v libx264 -pix_fmt yuv420p -c:a aac")
        try Self.expectUnsupported(try Self.retag(whole, type: 9) { $0 = $0 == 0x17 ? bytes[0] : bytes[1] }, naming: codec)
    }

    /// A stream type that FFmpeg has no name for.
    @Test(arguments: [(0x33, "vvc"), (0xD4, "avs3")] as [(UInt8, String)])
    func aTransportStreamOfAnUnknownTypeFails(_ type: UInt8, _ codec: String) throws {
        let whole = try GeneratedMedia.make("a.ts", "\(Self.film) -f mpegts")
        try Self.expectUnsupported(try TransportStream.retype(whole, 0x1B, to: type), naming: codec)
    }

    /// The header of the only picture is noise: nobody has lost support for it, and sound alone is not the film.
    @Test func aPictureWhoseHeaderIsDamagedFails() throws {
        let whole = try GeneratedMedia.make("a.mkv", "\(Lavfi.test("96x64")) \(Lavfi.tone()) -c:v libtheora -c:a libvorbis")
        var bytes = [UInt8](try Data(contentsOf: whole))
        let place = try #require(bytes.firstRange(of: Array("\u{0}theora".utf8).dropFirst())).upperBound
        for index in place..<place + 24 { bytes[index] = 0xFF }
        let run = try Self.expectAgreement(try GeneratedMedia.write("a.mkv", bytes))
        let failure = try #require(run.failure, "\(String(describing: run.outcome))")
        #expect([.damaged, .unsupportedCodec].contains(failure.code) && failure.reason.contains("theora"), "\(failure)")
    }

    /// The film's own track cannot be read, and the other holds less than the film.
    @Test(arguments: [true, false]) func anotherTrackTakesThePlaceWhereItShowsTheSame(_ showsTheSame: Bool) throws {
        let second = Lavfi.counted("160x120", seconds: showsTheSame ? 2 : 0.5)
        let whole = try GeneratedMedia.make(
            "two.mp4", "\(Lavfi.counted(seconds: 2)) \(second) -map 0 -map 1 -c:v:0 libx264 -c:v:1 mpeg4 -q:v:1 3")
        let source = try Self.replace("avc1", by: "xyz1", in: whole)
        guard showsTheSame else { return try Self.expectUnsupported(source, naming: "xyz1") }
        let run = try Self.expectAgreement(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.width == 160 && outcome.remark?.contains("xyz1") == true)
    }

    // MARK: The sound

    @Test func aReportsSoundOfANewKindIsTold() throws {
        let run = try Self.expectAgreement(Reports.file("usac.mp4"))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let probed = try #require(try MediaRun()(Reports.file("usac.mp4"), task: .probe).info).streams.first { $0.kind == .audio }
        #expect(probed?.codec == "xHE-AAC" && probed?.isDecodable == false)
        #expect(outcome.remark?.contains("xHE-AAC") == true, "\(outcome.remark ?? "")")
        #expect(try ProbedFile(run.output).kinds == ["video"])
        let film = try DecodedVideo(run.output, gray: true)
        #expect(film.count >= 150 && abs(Double(outcome.duration) / 1e6 - 6) < 0.2)
        #expect(BarCode.number(film, picture: 100) == 100)
    }

    @Test(arguments: [
        ("a.mp4", "ac3", "ac-3", "ac-4", "ac-4/ac4"), ("a.mov", "pcm_s16le", "sowt", "xyza", "xyza"), ("a.mkv", "aac", "A_AAC", "A_AC4", "ac4"),
    ])
    func soundOfAnUnknownCodecIsTold(_ name: String, _ encoder: String, _ from: String, _ to: String, _ codec: String) throws {
        let whole = try GeneratedMedia.make(name, "\(Self.film) -c:a \(encoder)")
        let source = try Self.replace(from, by: to, in: whole)
        let run = try Self.expectAgreement(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(Self.names(outcome.remark ?? "", codec), "\(outcome.remark ?? "")")
        #expect(try ProbedFile(run.output).kinds == ["video"])
        // Where sound is all there is to play, nothing is left.
        try Self.expectUnsupported(source, naming: codec, subject: .audio)
    }

    /// The configuration of the decoder is noise.
    @Test func soundWhoseHeaderIsDamagedIsTold() throws {
        let whole = try GeneratedMedia.make("a.mkv", "\(Lavfi.test("96x64")) \(Lavfi.tone()) -c:v mpeg4 -c:a libvorbis")
        var bytes = [UInt8](try Data(contentsOf: whole))
        let place = try #require(bytes.firstRange(of: Array("\u{1}vorbis".utf8))).upperBound
        for index in place..<place + 20 { bytes[index] = 0xFF }
        let run = try Self.expectAgreement(try GeneratedMedia.write("a.mkv", bytes))
        #expect(run.outcome?.remark?.contains("vorbis") == true, "\(run.outcome?.remark ?? "") \(run.failure?.reason ?? "")")
    }

    /// Nothing of the track decodes, though its header makes sense.
    @Test func soundOfWhichNothingDecodesIsTold() throws {
        let whole = try GeneratedMedia.make("a.mkv", "\(Lavfi.test("96x64")) \(Lavfi.tone()) -c:v mpeg4 -c:a flac")
        let source = try GeneratedMedia.make("a.mkv", "-i @0 -c copy -bsf:a noise=amount=1", from: whole)
        let run = try Self.expectAgreement(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.remark?.contains("flac") == true, "\(outcome.remark ?? "")")
    }

    /// The same words in another codec lose nothing; those of another language do.
    @Test(arguments: [("eng", false), ("deu", true)]) func anotherTrackTakesThePlaceOfTheSound(_ language: String, _ isTold: Bool) throws {
        let whole = try GeneratedMedia.make(
            "two.mkv",
            "\(Lavfi.test("96x64")) \(Lavfi.tone(440)) \(Lavfi.tone(880)) -map 0 -map 1 -map 2 -c:v mpeg4 -c:a:0 aac -c:a:1 libvorbis"
                + " -metadata:s:a:0 language=eng -metadata:s:a:1 language=\(language)")
        let run = try Self.expectAgreement(try Self.replace("A_AAC", by: "A_AC4", in: whole))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect((outcome.remark != nil) == isTold && outcome.remark?.contains("ac4") != false, "\(outcome.remark ?? "")")
        #expect(try DecodedSound(run.output).amplitude(880, from: 0.2, to: 0.8) > 0.04)
    }

    /// A dub and a commentary are left out without a word, whether they decode or not.
    @Test func aDubThatCannotBeReadIsNotMissed() throws {
        let whole = try GeneratedMedia.make(
            "two.mkv",
            "\(Lavfi.test("96x64")) \(Lavfi.tone(440)) \(Lavfi.tone(880)) -map 0 -map 1 -map 2 -c:v mpeg4 -c:a:0 libvorbis -c:a:1 aac"
                + " -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu")
        let run = try Self.expectAgreement(try Self.replace("A_AAC", by: "A_AC4", in: whole))
        #expect(run.outcome != nil && run.outcome?.remark == nil, "\(run.outcome?.remark ?? "") \(run.failure?.reason ?? "")")
    }

    @Test func anAnimatedWebPIsNoStillPicture() throws {
        try Self.expectUnsupported(Reports.file("webp-anim.webp"), naming: "WebP")
        guard GeneratedMedia.hasEncoder("libwebp_anim") else { return }
        let source = try GeneratedMedia.make("a.webp", "\(Lavfi.test("96x64")) -c:v libwebp_anim -lossless 1")
        try Self.expectUnsupported(source, naming: "WebP")
    }

    // MARK: Help

    static func expectUnsupported(
        _ source: URL, naming codec: String, subject: MediaSubject = .any, location: SourceLocation = #_sourceLocation
    ) throws {
        let run = try expectAgreement(source, subject: subject, location: location)
        let failure = try #require(run.failure, "\(String(describing: run.outcome))", sourceLocation: location)
        // To a decoder of VVC, what only says that it is VVC is noise.
        let isNoise = codec.contains("vvc") && decodesVVC
        #expect(failure.code == .unsupportedCodec || isNoise && failure.code == .damaged, "\(failure)", sourceLocation: location)
        #expect(names(failure.reason, codec), "\(failure)", sourceLocation: location)
        #expect(failure.reason.count <= 255 && failure.reason.hasSuffix("."), sourceLocation: location)
    }

    /// A version of FFmpeg that does not know a codec has another name for it: they stand apart by a slash.
    private static func names(_ sentence: String, _ codec: String) -> Bool {
        codec.split(separator: "/").contains { sentence.contains($0) }
    }

    private static let decodesVVC: Bool = {
        let list = try? Program.run("ffmpeg", ["-hide_banner", "-decoders"]).output
        return String(decoding: list ?? Data(), as: UTF8.self).contains(" vvc ")
    }()

    /// Runs the work; the plan must tell the same end.
    @discardableResult
    static func expectAgreement(
        _ source: URL, subject: MediaSubject = .any, profile: Profile = Profile(), location: SourceLocation = #_sourceLocation
    ) throws -> MediaRun {
        let plan = try MediaRun()(source, task: .plan, subject: subject, profile: profile)
        let run = try MediaRun()(source, subject: subject, profile: profile)
        #expect(plan.failure?.code == run.failure?.code, "\(plan.failure?.reason ?? "a plan")", sourceLocation: location)
        #expect(plan.failure?.reason == run.failure?.reason, sourceLocation: location)
        // Where the file ends is known when it has been read.
        let remarks = run.outcome?.remarks.filter { if case .cutShort = $0 { false } else { true } }
        #expect(plan.plan?.remarks == remarks, sourceLocation: location)
        return run
    }

    static func replace(_ old: String, by new: String, in file: URL, all: Bool = false) throws -> URL {
        precondition(old.utf8.count == new.utf8.count)
        var bytes = [UInt8](try Data(contentsOf: file))
        var found = false
        // The last one: a file may name its codecs in its brands, too.
        while let range = bytes.ranges(of: Array(old.utf8)).last, all || !found {
            bytes.replaceSubrange(range, with: new.utf8)
            found = true
        }
        try #require(found)
        return try GeneratedMedia.write(file.lastPathComponent, bytes)
    }

    /// Changes the first byte of the content of all Flash tags of a type.
    private static func retag(_ file: URL, type: UInt8, _ change: (inout UInt8) -> Void) throws -> URL {
        var bytes = [UInt8](try Data(contentsOf: file))
        var place = 13
        while place + 15 < bytes.count {
            let size = bytes[place + 1..<place + 4].reduce(0) { $0 << 8 | Int($1) }
            if bytes[place] == type, size > 0 { change(&bytes[place + 11]) }
            place += size + 15
        }
        return try GeneratedMedia.write(file.lastPathComponent, bytes)
    }
}

/// Changes to MPEG transport streams (ISO/IEC 13818-1) that FFmpeg's muxer does not make.
enum TransportStream {
    /// Gives every stream of one type another in the program map, whose check sum is made anew.
    static func retype(_ file: URL, _ old: UInt8, to new: UInt8) throws -> URL {
        var bytes = [UInt8](try Data(contentsOf: file))
        for packet in stride(from: 0, to: bytes.count - 187, by: 188) {
            // A section begins in it, and is a program map.
            guard bytes[packet + 1] & 0x40 != 0, bytes[packet + 3] & 0x20 == 0 else { continue }
            let start = packet + 5 + Int(bytes[packet + 4])
            guard start + 12 < packet + 188, bytes[start] == 2, bytes[start + 1] & 0xC0 == 0x80 else { continue }
            let length = Int(bytes[start + 1] & 15) << 8 | Int(bytes[start + 2])
            let end = start + 3 + length - 4
            guard end + 4 <= packet + 188 else { continue }
            var stream = start + 12 + (Int(bytes[start + 10] & 15) << 8 | Int(bytes[start + 11]))
            while stream + 5 <= end {
                if bytes[stream] == old { bytes[stream] = new }
                stream += 5 + (Int(bytes[stream + 3] & 15) << 8 | Int(bytes[stream + 4]))
            }
            let sum = checkSum(bytes[start..<end])
            for place in 0..<4 { bytes[end + place] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * place)) }
        }
        return try GeneratedMedia.write(file.lastPathComponent, bytes)
    }

    private static func checkSum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0xFFFF_FFFF) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte) << 24) { value, _ in value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1 }
        }
    }
}
