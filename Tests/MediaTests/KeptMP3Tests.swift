import Foundation
import MediaWire
import Testing

/// MP3 plays everywhere: it is kept, or its frames are written anew; it is not encoded again.
@Suite struct KeptMP3Tests {
    /// A frame of layer III by its header, and nothing that FFmpeg says of it.
    struct Frame: Equatable {
        var bytes: ArraySlice<UInt8>
        var rate: Int
        var samples: Int
        /// Xing's or LAME's table of contents, in a frame that has no sound.
        var isInfo: Bool { text("Xing") || text("Info") || text("VBRI") }
        func text(_ word: String) -> Bool { bytes.prefix(48).firstRange(of: Array(word.utf8)) != nil }
    }

    /// The frames of a file from `start` to its first byte that begins none, and where that is.
    static func frames(_ bytes: [UInt8]) -> (frames: [Frame], first: Int, end: Int) {
        var position = 0
        while position + 10 <= bytes.count, bytes[position..<position + 3].elementsEqual("ID3".utf8) {
            position += 10 + bytes[position + 6..<position + 10].reduce(0) { $0 << 7 | Int($1) }
        }
        let first = position
        var frames: [Frame] = []
        while position + 4 <= bytes.count, bytes[position] == 0xFF, bytes[position + 1] & 0xE6 == 0xE2 {
            let isFirst = bytes[position + 1] & 0x08 != 0
            let bitrates = isFirst
                ? [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320] : [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
            let divisor = isFirst ? 1 : (bytes[position + 1] & 0x10 != 0 ? 2 : 4)
            let rate = [44_100, 48_000, 32_000][Int(bytes[position + 2] >> 2 & 3)] / divisor
            let bitrate = bitrates[Int(bytes[position + 2] >> 4)] * 1000
            let size = (isFirst ? 144 : 72) * bitrate / rate + Int(bytes[position + 2] >> 1 & 1)
            guard size > 4, position + size <= bytes.count else { break }
            frames.append(Frame(bytes: bytes[position..<position + size], rate: rate, samples: isFirst ? 1152 : 576))
            position += size
        }
        return (frames, first, position)
    }

    static func mp3(_ name: String = "song.mp3", _ encoding: String = "-b:a 96k", seconds: Double = 4, rate: Int = 44_100) throws -> URL {
        try GeneratedMedia.make(name, "\(SyncClip(moments: [1, 3], seconds: seconds, soundRate: rate).sound) -c:a libmp3lame \(encoding)")
    }

    static let kept = [
        ("cbr.mp3", "-b:a 96k", 44_100), ("bare.mp3", "-b:a 96k -write_xing 0 -id3v2_version 0", 44_100), ("vbr.mp3", "-q:a 4", 48_000),
        ("mono.mp3", "-q:a 6 -ac 1", 32_000), ("low.mp3", "-b:a 32k -ac 1", 22_050), ("lowest.mp3", "-b:a 16k -ac 1", 11_025), ("high.mp3", "-b:a 320k", 48_000),
    ]

    @Test(arguments: kept) func whatPlaysEverywhereIsKept(_ name: String, _ encoding: String, _ rate: Int) throws {
        let source = try Self.mp3(name, encoding + " -map_metadata -1", rate: rate)
        let run = try MediaRun()(source, subject: .audio)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(!outcome.isRewritten, "\(CopyTests.decisions(run))")
        #expect((outcome.fileExtension, outcome.mime) == ("mp3", "audio/mpeg"))
        #expect(abs(Double(outcome.duration) / 1e6 - 4) < 0.1)
    }

    /// Of two frames, one is the table of the file and one is sound that needs bytes of those that are gone.
    @Test(arguments: [("-b:a 320k", 2500), ("-b:a 320k", 3000), ("-b:a 256k -ac 1", 2100)]) func tooLittleForAnMP3IsEncoded(
        _ encoding: String, _ size: Int
    ) throws {
        let whole = try Self.mp3("cut.mp3", encoding)
        let run = try MediaRun()(GeneratedMedia.write("cut.mp3", Data(contentsOf: whole).prefix(size)), subject: .audio)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.mime == "audio/mp4" && outcome.duration > 20_000, "\(outcome)")
    }

    struct Case: CustomTestStringConvertible {
        var name: String
        var encoding = "-b:a 96k"
        /// Puts something in front and behind.
        var edit: @Sendable ([UInt8]) -> [UInt8] = { $0 }
        var testDescription: String { name }
    }

    static let bare = "-write_xing 0 -id3v2_version 0"
    static let secret = PrivacyTests.secret
    static let anew = [
        Case(name: "tags.mp3", encoding: "-b:a 96k -metadata title=\(secret) -metadata location=\(PrivacyTests.place) -write_id3v1 1"),
        Case(name: "private.mp3", encoding: "-q:a 4 \(bare)") { id3(Array("PRIV".utf8) + [0, 0, 0, 20, 0, 0] + Array("\(secret)\0aaaaaaaaaa".utf8)) + $0 },
        Case(name: "headless-vbr.mp3", encoding: "-q:a 2 \(bare)"),
        Case(name: "wrong-xing.mp3", encoding: "-q:a 2") { bytes in
            var bytes = bytes
            if let place = bytes.firstRange(of: Array("Xing".utf8))?.lowerBound { bytes.replaceSubrange(place + 8..<place + 12, with: [0, 1, 0, 0]) }
            return bytes
        },
        Case(name: "id3v1.mp3") { $0 + id3v1 }, Case(name: "ape.mp3", encoding: "-q:a 4") { $0 + ape }, Case(name: "lyrics.mp3") { $0 + lyrics },
        Case(name: "all-tags.mp3", encoding: bare) { $0 + lyrics + ape + id3v1 }, Case(name: "zeros.mp3") { $0 + [UInt8](repeating: 0, count: 3000) },
        Case(name: "text.mp3", encoding: "-q:a 4") { $0 + Array("<p>\(secret)</p>\r\n".utf8) }, Case(name: "front.mp3", encoding: bare) { [UInt8](repeating: 0x7F, count: 700) + $0 },
        Case(name: "misnamed.m4a"), Case(name: "riff.wav"), Case(name: "old.avi"), Case(name: "box.mka"), Case(name: "box.mp4"), Case(name: "box.mov"),
    ]

    static let id3v1 = Array("TAG\(secret)".utf8) + [UInt8](repeating: 0, count: 125 - secret.utf8.count)
    static let lyrics: [UInt8] = {
        let words = "LYRICSBEGININD0000200LYR000\(10 + secret.utf8.count)[00:01.00]\(secret)"
        let size = "\(1_000_000 + words.utf8.count)".dropFirst()
        return Array("\(words)\(size)LYRICS200".utf8)
    }()
    static let ape: [UInt8] = {
        func words(_ numbers: [Int]) -> [UInt8] { numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } } }
        let item = words([secret.utf8.count, 0]) + Array("Title\0\(secret)".utf8)
        func end(_ flags: Int) -> [UInt8] { Array("APETAGEX".utf8) + words([2000, item.count + 32, 1, flags, 0, 0]) }
        return end(0xA000_0000) + item + end(0x8000_0000)
    }()

    static func id3(_ frame: [UInt8]) -> [UInt8] {
        Array("ID3".utf8) + [3, 0, 0, 0, 0, UInt8(frame.count >> 7), UInt8(frame.count & 127)] + frame
    }

    /// The same frames, to the byte, with a table that is right, and nothing else.
    @Test(arguments: anew) func framesAreWrittenAnew(_ test: Case) throws {
        let plain = try Self.mp3(test.name == "misnamed.m4a" ? "song.mp3" : test.name, test.encoding)
        let source = try GeneratedMedia.write(test.name, test.edit([UInt8](try Data(contentsOf: plain))))
        let run = try MediaRun()(source, subject: .audio)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.isRewritten, "\(CopyTests.decisions(run))")
        #expect((outcome.fileExtension, outcome.mime) == ("mp3", "audio/mpeg"), "\(CopyTests.decisions(run))")
        try Self.expectSameFrames(source, run, seconds: 4)
    }

    static func expectSameFrames(_ source: URL, _ run: MediaRun, seconds: Double, location: SourceLocation = #_sourceLocation) throws {
        let bytes = [UInt8](try Data(contentsOf: run.output))
        let (made, first, end) = frames(bytes)
        #expect(first == 0 && end == bytes.count, "something beside the frames", sourceLocation: location)
        guard made.count > 1 else { return }
        #expect(made[0].isInfo, sourceLocation: location)
        let sound = made.dropFirst()
        let isTableAmongThem = sound.contains(where: \.isInfo)
        #expect(!isTableAmongThem, sourceLocation: location)
        // The table's number of frames, from which browsers take the duration.
        let table = try #require(made[0].bytes.firstRange(of: Array("Xing".utf8)) ?? made[0].bytes.firstRange(of: Array("Info".utf8)), sourceLocation: location)
        let count = bytes[table.lowerBound + 8..<table.lowerBound + 12].reduce(0) { $0 << 8 | Int($1) }
        #expect(count == sound.count, sourceLocation: location)
        let told = Double(run.outcome?.duration ?? 0) / 1e6
        #expect(abs(told - seconds) < 0.11, "\(told)", sourceLocation: location)
        #expect(abs(Double(sound.reduce(0) { $0 + $1.samples }) / Double(made[0].rate) - seconds) < 0.14, sourceLocation: location)
        // By FFmpeg's demuxer of whatever container, the payload is the same.
        let before = try CopyTests.packets(source, "a"), after = try CopyTests.packets(run.output, "a")
        let foreign = before.filter { !after.contains($0) }
        #expect(foreign.count <= 2, "\(foreign.count) packets of \(before.count) are not in the result", sourceLocation: location)
        #expect(abs(before.count - after.count) <= 2, "\(before.count) packets became \(after.count)", sourceLocation: location)
        #expect(try DecodedSound(run.output).onset(from: 0.5, level: 0.2).map { abs($0 - 1) < 0.03 } == true, sourceLocation: location)
        for text in [secret, PrivacyTests.place] { #expect(try !PrivacyTests.holds(run.output, text), sourceLocation: location) }
        try expectDecodesCleanly(run.output)
    }

    /// Recordings of one format, byte by byte behind one another, with their tables and tags: all frames, and one table.
    @Test(arguments: [("-b:a 96k", "-b:a 96k"), ("-q:a 4", "-q:a 4"), ("-b:a 96k", "-q:a 2"), ("-b:a 96k -write_id3v1 1 -metadata title=x", "-b:a 128k"), (bare, bare)])
    func joinedRecordings(_ one: String, _ other: String) throws {
        let source = try JoinedFilm.plain("joined.mp3", [one, other].map { "\(SyncClip(moments: [1, 3], seconds: 4, soundRate: 44_100).sound) -c:a libmp3lame \($0)" })
        let run = try MediaRun()(source, subject: .audio)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.fileExtension == "mp3", "\(CopyTests.decisions(run))")
        guard outcome.isRewritten else { return }
        let bytes = [UInt8](try Data(contentsOf: run.output))
        let (made, first, end) = Self.frames(bytes)
        #expect(first == 0 && end == bytes.count && made[0].isInfo)
        let isTableAmongThem = made.dropFirst().contains(where: \.isInfo)
        #expect(!isTableAmongThem)
        #expect(abs(Double(outcome.duration) / 1e6 - 8.1) < 0.1, "\(outcome.duration)")
        let beeps = try DecodedSound(run.output).onsets(level: 0.1)
        #expect(beeps.count == 4, "\(beeps)")
        for (beep, wanted) in zip(beeps, [1, 3, 5.05, 7.05]) { #expect(abs(beep - wanted) < 0.06, "\(beeps)") }
        try expectDecodesCleanly(run.output)
    }

    /// What the encoder put in front stays out of what is heard, though the tags are gone.
    @Test func gaplessInformationSurvives() throws {
        let source = try Self.mp3("gapless.mp3", "-b:a 128k -metadata title=x")
        let run = try MediaRun()(source, subject: .audio)
        #expect(run.outcome?.isRewritten == true && run.outcome?.fileExtension == "mp3", "\(CopyTests.decisions(run))")
        let samples = { (file: URL) in try Program.run("ffmpeg", ["-v", "error", "-i", file.path, "-f", "s16le", "-"]).output }
        #expect(try samples(run.output) == samples(source))
    }

    /// What not every player takes is encoded.
    @Test(arguments: ["rates.mp3", "channels.mp3", "broken.mp3", "layer.mp3"]) func whatDoesNotPlayEverywhereIsEncoded(_ name: String) throws {
        let one = [UInt8](try Data(contentsOf: try Self.mp3("a.mp3", "-b:a 96k \(Self.bare)")))
        var bytes = one
        switch name {
        case "rates.mp3": bytes += try Data(contentsOf: try Self.mp3("b.mp3", "-b:a 96k \(Self.bare)", rate: 48_000))
        case "channels.mp3": bytes += try Data(contentsOf: try Self.mp3("b.mp3", "-b:a 96k -ac 2 \(Self.bare)"))
        case "layer.mp3": bytes = [UInt8](try Data(contentsOf: try GeneratedMedia.make("l.mp2", "\(SyncClip.short.sound) -c:a mp2")))
        default:
            let (frames, _, _) = Self.frames(one)
            for frame in frames[60..<63] { for index in frame.bytes.indices.dropFirst(4) { bytes[index] = 0xFF } }
        }
        let run = try MediaRun()(try GeneratedMedia.write(name, bytes), subject: .audio)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect((outcome.isRewritten, outcome.fileExtension) == (true, "m4a"), "\(CopyTests.decisions(run))")
        try expectDecodesCleanly(run.output)
    }

    @Test func loudnessThatIsAlwaysWantedIsEncoded() throws {
        var profile = Profile()
        profile.audio.loudness = .always
        let run = try MediaRun()(try Self.mp3(), subject: .audio, profile: profile)
        #expect((run.outcome?.isRewritten, run.outcome?.fileExtension) == (true, "m4a"), "\(CopyTests.decisions(run))")
    }
}
