import Foundation
import MediaWire
import Testing

/// Nothing that tells where, when with what and by whom a film was made gets through.
@Suite struct PrivacyTests {
    /// In every entry of the source that can hold text.
    static let secret = "Geheimnis"
    static let place = "+48.8577+002.295"

    struct Case: CustomTestStringConvertible {
        var name: String
        var encoding: String
        var testDescription: String { "\(name) \(encoding)" }
    }

    static let entries = ["title", "artist", "author", "comment", "copyright", "description", "make", "model", "album", "genre", "com.apple.quicktime.make", "com.apple.quicktime.software", "encoded_by", "publisher", "keywords", "synopsis", "show"]

    static var metadata: String {
        entries.map { "-metadata \($0)=\(secret)" }.joined(separator: " ")
            + " -metadata location=\(place)/ -metadata location-eng=\(place)/ -metadata com.apple.quicktime.location.ISO6709=\(place)/"
            + " -metadata creation_time=1999-12-31T23:59:58Z"
            + " -metadata:s:v title=\(secret) -metadata:s:v handler_name=\(secret) -metadata:s:v comment=\(secret)"
            + " -metadata:s:a title=\(secret) -metadata:s:a handler_name=\(secret) -metadata:s:v language=deu"
    }

    static let cases = [
        Case(name: "p.mp4", encoding: "\(Lavfi.h264) \(Lavfi.aac) -movflags +faststart+use_metadata_tags"),
        Case(name: "p.mp4", encoding: "\(Lavfi.h264) \(Lavfi.aac) -movflags +faststart"),
        Case(name: "p.mov", encoding: "\(Lavfi.h264) \(Lavfi.aac) -timecode 01:02:03:04 -movflags use_metadata_tags"),
        Case(name: "p.mov", encoding: "-c:v mjpeg -c:a pcm_s16le -timecode 01:02:03:04"),
        Case(name: "p.mp4", encoding: "\(SyncTests.hevc) \(Lavfi.aac)"),
        Case(name: "p.mkv", encoding: "\(Lavfi.h264) \(Lavfi.aac)"), Case(name: "p.webm", encoding: "-c:v libvpx -deadline realtime -c:a libopus"),
        Case(name: "p.avi", encoding: "-c:v mpeg4 -c:a libmp3lame"), Case(name: "p.flv", encoding: "\(Lavfi.h264) \(Lavfi.aac)"),
        Case(name: "p.wmv", encoding: "-c:v wmv2 -c:a wmav2"), Case(name: "p.3gp", encoding: "-c:v h263 -s 176x144 -c:a aac"),
        Case(name: "p.ts", encoding: "\(Lavfi.h264) \(Lavfi.aac) -metadata service_name=\(secret) -metadata service_provider=\(secret)"),
    ]

    @Test(arguments: cases) func nothingGetsThrough(_ test: Case) throws {
        let isMatroska = test.name.hasSuffix("mkv")
        let chapters = try GeneratedMedia.write(
            "chapters.txt",
            text: ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=\(Self.secret)\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1000\ntitle=\(Self.secret)\n")
        let subtitles = try GeneratedMedia.write("s.srt", text: "1\n00:00:00,000 --> 00:00:01,000\n\(Self.secret)\n")
        let holdsText = isMatroska || test.name.hasSuffix("mp4")
        let extra = holdsText ? "-map 2 -c:s \(isMatroska ? "srt" : "mov_text")" : ""
        let source = try GeneratedMedia.make(
            test.name,
            "\(Lavfi.test()) \(Lavfi.tone(rate: 44_100)) -i @0 -i @1 -map 0 -map 1 \(extra) -map_metadata -1 -map_chapters 3 \(test.encoding) \(Self.metadata)",
            from: subtitles, chapters)
        try #require(try Self.holds(source, Self.secret) || test.name.hasSuffix("ts") == false)
        for subject in [MediaSubject.video, .audio] {
            let run = try MediaRun()(source, subject: subject)
            _ = try #require(run.outcome, "\(String(describing: run.failure))")
            try Self.expectClean(run)
        }
    }

    /// Sound files: ID3 of both versions, Vorbis comments, RIFF INFO, MP4 tags, covers.
    @Test(arguments: [("p.mp3", "libmp3lame -write_id3v1 1"), ("p.m4a", "aac"), ("p.m4a", "alac"), ("p.flac", "flac"), ("p.ogg", "libvorbis"), ("p.wav", "pcm_s16le"), ("p.wma", "wmav2"), ("p.aiff", "pcm_s16be -write_id3v2 1")])
    func nothingOfSoundGetsThrough(_ name: String, _ codec: String) throws {
        let source = try GeneratedMedia.make(name, "\(Lavfi.tone()) -c:a \(codec) -metadata title=\(Self.secret) -metadata artist=\(Self.secret) -metadata comment=\(Self.secret) -metadata location=\(Self.place)/")
        try #require(try Self.holds(source, Self.secret))
        let run = try MediaRun()(source, subject: .audio)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(run.outcome?.isRewritten == true)
        try Self.expectClean(run)
    }

    /// Cover art that somebody put in may show anything: it is no part of a sound output.
    @Test func coverDoesNotGetThrough() throws {
        let run = try MediaRun()(try AudioFileTests.withCover("cover.m4a", "aac"), subject: .audio)
        #expect(run.outcome?.isRewritten == true)
        try Self.expectClean(run)
        #expect(try !Self.holds(run.output, "JFIF"))
    }

    /// Cameras write their notes into the picture stream itself (H.264 SEI, user data unregistered).
    @Test func notesInsideTheStreamDoNotGetThrough() throws {
        let plain = try GeneratedMedia.make("plain.mp4", "\(Lavfi.test()) \(Lavfi.h264)")
        let source = try GeneratedMedia.make(
            "noted.mp4", "-i @0 -c copy -movflags +faststart -bsf:v h264_metadata=sei_user_data='086f3693-b7b3-4f2c-9653-21492feee5b8+\(Self.secret)'", from: plain)
        try #require(try Self.holds(source, Self.secret))
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(run.outcome?.isRewritten == true)
        try Self.expectClean(run)
    }

    /// Boxes that no demuxer reports: free space, uuid, vendors' own, behind the film.
    @Test(arguments: ["free", "skip", "uuid", "udta", "XMP_"]) func strayBoxesDoNotGetThrough(_ box: String) throws {
        let plain = try GeneratedMedia.make("plain.mp4", "\(Lavfi.test()) \(Lavfi.h264) -movflags +faststart")
        let content = [UInt8](repeating: 65, count: 16) + Array(Self.secret.utf8)
        let size = UInt8(content.count + 8)
        let stray: [UInt8] = [0, 0, 0, size] + Array(box.utf8) + content
        let source = try GeneratedMedia.write("stray.mp4", try Data(contentsOf: plain) + Data(stray))
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(run.outcome?.isRewritten == true)
        try Self.expectClean(run)
    }

    /// A data track, as action cameras write it (GPMF), and a timecode track.
    @Test func dataTracksDoNotGetThrough() throws {
        let source = try GeneratedMedia.make(
            "data.mov", "\(Lavfi.test()) \(Lavfi.tone()) -map 0 -map 1 \(Lavfi.h264) \(Lavfi.aac) -timecode 10:11:12:13")
        try #require(try ProbedFile(source).kinds.contains("data"))
        let run = try MediaRun()(source)
        #expect(run.outcome?.isRewritten == true)
        try Self.expectClean(run)
    }

    static func holds(_ file: URL, _ text: String) throws -> Bool {
        let bytes = try Data(contentsOf: file)
        let wide = text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        return bytes.firstRange(of: Data(text.utf8)) != nil || bytes.firstRange(of: Data(wide)) != nil
    }

    static func expectClean(_ run: MediaRun, location: SourceLocation = #_sourceLocation) throws {
        guard run.outcome?.isRewritten == true else {
            Issue.record("the source was kept with all that it holds", sourceLocation: location)
            return
        }
        for text in [secret, place, "48.85", "1999"] {
            #expect(try !holds(run.output, text), "\(text) in the output", sourceLocation: location)
            #expect(try !holds(run.poster, text), "\(text) in the poster", sourceLocation: location)
        }
        let file = try ProbedFile(run.output)
        #expect(Set(file.kinds).isSubset(of: ["video", "audio"]), sourceLocation: location)
        #expect(file.chapters.isEmpty, sourceLocation: location)
        let harmless: Set<String> = ["major_brand", "minor_version", "compatible_brands"]
        #expect(Set((file.format.tags ?? [:]).keys).isSubset(of: harmless), "\(file.format.tags ?? [:])", sourceLocation: location)
        let poster = [UInt8](try Data(contentsOf: run.poster))
        #expect(!segments(ofJPEG: poster).contains { (0xE1...0xEF).contains($0) }, "EXIF in the poster", sourceLocation: location)
    }

    /// The markers before the picture itself.
    static func segments(ofJPEG bytes: [UInt8]) -> [UInt8] {
        var (markers, position) = ([UInt8](), 2)
        while position + 4 <= bytes.count, bytes[position] == 0xFF, bytes[position + 1] != 0xDA {
            markers.append(bytes[position + 1])
            position += 2 + Int(bytes[position + 2]) << 8 + Int(bytes[position + 3])
        }
        return markers
    }
}
