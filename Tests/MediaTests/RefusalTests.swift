import Foundation
import MediaWire
import Testing
import Verdicts

/// What is no film and no sound, whatever its name says.
@Suite struct RefusalTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var text: String
        var codes: Set<Verdict.Code> = [.forbiddenFormat, .notMedia]
        var testDescription: String { name }
    }

    static let texts = [
        Case(name: "HLS", text: "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", codes: [.forbiddenFormat]),
        Case(name: "HLS with a far address", text: "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://127.0.0.1:1/x.m3u8\n", codes: [.forbiddenFormat]),
        Case(name: "HLS with a byte order mark", text: "\u{FEFF}#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nfile:///etc/passwd\n", codes: [.forbiddenFormat]),
        Case(name: "plain M3U", text: "#EXTM3U\n#EXTINF:1,x\n/etc/passwd\n", codes: [.forbiddenFormat]),
        Case(name: "DASH", text: "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\"><Period><AdaptationSet><Representation id=\"1\"><BaseURL>file:///etc/passwd</BaseURL></Representation></AdaptationSet></Period></MPD>"),
        Case(name: "concat", text: "ffconcat version 1.0\nfile '/etc/passwd'\n", codes: [.forbiddenFormat]),
        Case(name: "SDP", text: "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n", codes: [.forbiddenFormat, .notMedia]),
        Case(name: "SRT subtitles", text: "1\n00:00:01,000 --> 00:00:02,000\nHello\n"),
        Case(name: "WebVTT", text: "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"),
        Case(name: "ASS", text: "[Script Info]\nScriptType: v4.00+\n\n[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,Hi\n"),
        Case(name: "SVG", text: "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><image href=\"/etc/passwd\"/></svg>"),
        Case(name: "text", text: "Dear all,\nthis is only a letter.\n", codes: [.notMedia]),
        Case(name: "HTML", text: "<!DOCTYPE html><html><body>404</body></html>", codes: [.notMedia]),
        Case(name: "PHP", text: "<?php system($_GET['c']); ?>", codes: [.notMedia]),
        Case(name: "SMIL", text: "<smil><body><video src=\"/etc/passwd\"/></body></smil>"),
        Case(name: "RealMedia's ram", text: "rtsp://127.0.0.1/x.rm\n"),
        Case(name: "Avisynth", text: "AviSource(\"/etc/passwd\")\n"),
        Case(name: "ffmetadata", text: ";FFMETADATA1\ntitle=x\n"),
        Case(name: "MPL", text: "MPSUB FORMAT=25\n\n0 1\nHi\n"),
    ]

    @Test(arguments: texts) func textIsRefused(_ test: Case) throws {
        let source = try GeneratedMedia.write("film.mp4", text: test.text)
        try Self.expectRefused(source, test.codes)
    }

    @Test func emptyFile() throws {
        try Self.expectRefused(try GeneratedMedia.write("empty.mp4", [UInt8]()), [.empty])
    }

    @Test(arguments: [1, 16, 4096, 300_000]) func noise(_ count: Int) throws {
        var state: UInt64 = 42
        let bytes = (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        try Self.expectRefused(try GeneratedMedia.write("noise.mp4", bytes), [.notMedia, .damaged, .forbiddenFormat, .noAudioVideo])
    }

    @Test func zeros() throws {
        try Self.expectRefused(
            try GeneratedMedia.write("zeros.mp4", [UInt8](repeating: 0, count: 100_000)), [.notMedia, .damaged, .forbiddenFormat])
    }

    @Test(arguments: ["png", "jpg", "bmp", "tiff", "webp", "ppm", "tga", "gif", "ico", "jp2", "sgi", "xwd"])
    func stillPicture(_ kind: String) throws {
        // A GIF of one picture may be shown as a film; all others are pictures.
        guard kind != "webp" || GeneratedMedia.hasEncoder("libwebp") else { return }
        let source = try GeneratedMedia.make("still.\(kind)", "\(Lavfi.test("64x64")) -frames:v 1")
        try Self.expectRefused(source, [.forbiddenFormat, .notMedia, .noAudioVideo])
        let asFilm = source.deletingLastPathComponent().appending(path: "film.mp4")
        try FileManager.default.moveItem(at: source, to: asFilm)
        try Self.expectRefused(asFilm, [.forbiddenFormat, .notMedia, .noAudioVideo])
    }

    /// AVIF and HEIC come in the same boxes as films do.
    @Test func avif() throws {
        let source = try GeneratedMedia.make(
            "still.avif", "\(Lavfi.test("64x64")) -frames:v 1 -c:v libaom-av1 -cpu-used 8 -still-picture 1")
        try Self.expectRefused(source, [.forbiddenFormat, .noAudioVideo])
    }

    @Test func flash() throws {
        let source = try GeneratedMedia.make("a.swf", "\(Lavfi.test()) -c:v flv")
        try Self.expectRefused(source, [.forbiddenFormat])
    }

    @Test(arguments: [("sub.mkv", "-c:s srt"), ("sub.mp4", "-c:s mov_text")]) func subtitlesAlone(_ name: String, _ codec: String) throws {
        let text = try GeneratedMedia.write("t.srt", text: "1\n00:00:00,000 --> 00:00:02,000\nHello\n")
        let source = try GeneratedMedia.make(name, "-i @0 \(codec)", from: text)
        try Self.expectRefused(source, [.noAudioVideo])
    }

    /// Files that are something else altogether.
    @Test(arguments: ["%PDF-1.4\n%âãÏÓ\n1 0 obj\n", "PK\u{3}\u{4}\u{14}\u{0}\u{0}\u{0}", "\u{7F}ELF\u{2}\u{1}\u{1}\u{0}\u{0}\u{0}\u{0}", "MZ\u{0}\u{0}\u{0}"])
    func otherFiles(_ start: String) throws {
        let bytes = Array(start.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }) + [UInt8](repeating: 7, count: 5000)
        try Self.expectRefused(try GeneratedMedia.write("x.mp4", bytes), [.notMedia, .forbiddenFormat])
    }

    @Test(arguments: [true, false]) func encryptedMP4(isFragmented: Bool) throws {
        let fragments = isFragmented ? "-movflags frag_keyframe+empty_moov" : ""
        let source = try GeneratedMedia.make(
            "locked.mp4",
            "\(Lavfi.test()) \(Lavfi.tone()) \(Lavfi.h264) \(Lavfi.aac) \(fragments) -encryption_scheme cenc-aes-ctr -encryption_key 76a6c65c5ea762046bd749a2e632ccbb -encryption_kid a7e61c373e219033c21091fa607bf3b8")
        try Self.expectRefused(source, [.encrypted])
        try Self.expectRefused(source, [.encrypted], subject: .audio)
    }

    /// No file that is named inside another is opened: a QuickTime reference movie, and a playlist inside Matroska.
    @Test func referenceMovie() throws {
        let victim = try GeneratedMedia.make("victim.mp4", "\(Lavfi.test()) \(Lavfi.h264)")
        // An alias record in `dref` that names the other file, in a movie without data of its own.
        var bytes = [UInt8](try Data(contentsOf: victim))
        if let place = bytes.firstRange(of: Array("url ".utf8)) {
            let name = Array("\u{0}\u{0}\u{0}\u{0}file://\(victim.path)\u{0}".utf8)
            bytes.replaceSubrange(place.upperBound..<place.upperBound + 4, with: name)
        }
        let run = try MediaRun()(try GeneratedMedia.write("ref.mov", bytes))
        #expect(run.outcome == nil || run.outcome?.frames == 25)
    }

    static func expectRefused(
        _ source: URL, _ codes: Set<Verdict.Code>, subject: MediaSubject = .video, location: SourceLocation = #_sourceLocation
    ) throws {
        let run = try MediaRun()(source, subject: subject)
        let failure = try #require(run.failure, "\(String(describing: run.outcome))", sourceLocation: location)
        #expect(codes.contains(failure.code), "\(failure)", sourceLocation: location)
        #expect(failure.reason.hasSuffix(".") && failure.reason.count <= 255 && failure.reason.count > 10, sourceLocation: location)
        // Nothing of this machine in what people read.
        #expect(!failure.reason.contains("/"), sourceLocation: location)
        #expect(try Data(contentsOf: run.output).isEmpty, sourceLocation: location)
        #expect(try Data(contentsOf: run.poster).isEmpty, sourceLocation: location)
    }
}
