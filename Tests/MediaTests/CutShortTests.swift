import Foundation
import MediaWire
import Testing
import Verdicts

/// "Cut short" is said where bytes or samples are missing that the file itself counts, and nowhere else.
@Suite struct CutShortTests {
    @Test(arguments: [("subs-longer.mkv", 6.0, 0.2), ("cat-reset.ts", 12, 0.3), ("opus-crop.ogg", 3.2, 0.1), ("cat2.mp3", 6.1, 0.2), ("durx10.mp4", 6, 0.1)])
    func wholeFilesOfTheReports(_ name: String, _ seconds: Double, _ tolerance: Double) throws {
        try expectWhole(Reports.file(name), seconds: seconds, tolerance: tolerance)
    }

    static let whole = [
        ("s.mp4", "\(Lavfi.h264) \(Lavfi.aac) -movflags +faststart"), ("s.mkv", "-c:v mpeg4 -c:a libvorbis"), ("s.ogg", "-vn -c:a libopus"),
        ("s.webm", "-c:v libvpx -deadline realtime -c:a libopus"), ("s.webm", "-c:v libvpx -deadline realtime -c:a libopus -live 1"),
        ("s.flv", "-c:v flv -c:a libmp3lame"), ("s.wmv", "-c:v wmv2 -c:a wmav2"), ("s.mp3", "-vn -c:a libmp3lame -q:a 4"),
        ("s.mp3", "-vn -c:a libmp3lame -q:a 2 -write_xing 0"), ("s.flac", "-vn -c:a flac"), ("s.wav", "-vn -rf64 always"), ("s.au", "-vn"),
        ("s.mxf", "-c:v mpeg2video -c:a pcm_s16le -ar 48000"), ("s.ivf", "-an -c:v libvpx -deadline realtime"),
    ]

    @Test(arguments: whole) func wholeFiles(_ name: String, _ encoding: String) throws {
        let source = try GeneratedMedia.make(name, "\(Lavfi.test(seconds: 5)) \(Lavfi.tone(seconds: 5)) \(encoding)")
        try expectWhole(source, seconds: 5, tolerance: 0.3)
    }

    /// A header that counts frames, where others tell a duration in a time base of their own; and one that was never completed.
    @Test(arguments: [UInt32(125), .max, 0]) func framesOfIVF(_ length: UInt32) throws {
        let made = try GeneratedMedia.make("s.ivf", "\(Lavfi.test(seconds: 5)) -c:v libvpx -deadline realtime -enc_time_base 1:1000")
        var bytes = [UInt8](try Data(contentsOf: made))
        for index in 0..<4 { bytes[24 + index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index))) }
        try expectWhole(try GeneratedMedia.write("s.ivf", bytes), seconds: 5, tolerance: 0.3)
    }

    /// A longer track that is left out is no promise.
    @Test(arguments: ["l.mkv", "l.mp4"]) func longerCommentary(_ name: String) throws {
        let source = try GeneratedMedia.make(
            name, "\(Lavfi.test(seconds: 4)) \(Lavfi.tone(seconds: 4)) \(Lavfi.tone(500, seconds: 20)) -map 0 -map 1 -map 2 -c:v mpeg4 -c:a aac -disposition:a:0 default -disposition:a:1 comment")
        try expectWhole(source, seconds: 4, tolerance: 0.3)
    }

    /// A header that tells ten times the duration, and nothing is missing.
    @Test func falseDurationOfMatroska() throws {
        var bytes = [UInt8](try Data(contentsOf: try GeneratedMedia.make(
            "d.mkv", "\(Lavfi.test(seconds: 4)) \(Lavfi.tone(seconds: 4)) -c:v mpeg4 -c:a libvorbis -fflags +bitexact")))
        // Duration (0x4489), a double of 8 bytes, in milliseconds.
        let place = try #require((0..<2000).first { bytes[$0] == 0x44 && bytes[$0 + 1] == 0x89 && bytes[$0 + 2] == 0x88 })
        for (index, byte) in withUnsafeBytes(of: (40_000.0).bitPattern.bigEndian, Array.init).enumerated() { bytes[place + 3 + index] = byte }
        try expectWhole(try GeneratedMedia.write("d.mkv", bytes), seconds: 4, tolerance: 0.3)
    }

    @Test func falseDurationOfMP4() throws {
        var bytes = [UInt8](try Data(contentsOf: try GeneratedMedia.make(
            "d.mp4", "\(Lavfi.test(seconds: 4)) \(Lavfi.tone(seconds: 4)) \(Lavfi.h264) \(Lavfi.aac) -movflags +faststart")))
        // The duration stands behind version, two dates and the time scale, in version 0.
        for name in ["mvhd", "mdhd"] {
            for place in 0..<bytes.count - 24 where bytes[place..<place + 4].elementsEqual(name.utf8) {
                let old = bytes[place + 20..<place + 24].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                for (index, byte) in withUnsafeBytes(of: (old * 10).bigEndian, Array.init).enumerated() { bytes[place + 20 + index] = byte }
            }
        }
        try expectWhole(try GeneratedMedia.write("d.mp4", bytes), seconds: 4, tolerance: 0.3)
    }

    private func expectWhole(_ source: URL, seconds: Double, tolerance: Double, location: SourceLocation = #_sourceLocation) throws {
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))", sourceLocation: location)
        #expect(outcome.remark == nil, sourceLocation: location)
        #expect(abs(Double(outcome.duration) / 1e6 - seconds) <= tolerance, "\(outcome.duration)", sourceLocation: location)
        // What the profile wants of the promise is there too.
        var profile = Profile()
        profile.minimumShare = 0.95
        #expect(try MediaRun()(source, profile: profile).outcome != nil, sourceLocation: location)
    }

    static let cut = [
        ("c.mp4", "\(Lavfi.h264) \(Lavfi.aac) -movflags +faststart"), ("c.mov", "-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le -movflags +faststart"),
        ("c.webm", "-c:v libvpx -deadline realtime -b:v 400k -c:a libopus"), ("c.mkv", "-c:v mpeg4 -c:a ac3"), ("c.avi", "-c:v mpeg4 -c:a libmp3lame"),
        ("c.flv", "-c:v flv -c:a libmp3lame"), ("c.wmv", "-c:v wmv2 -c:a wmav2"), ("c.mp3", "-vn -c:a libmp3lame -q:a 4"),
        ("c.m4a", "-vn \(Lavfi.aac) -movflags +faststart"), ("c.wav", "-vn"), ("c.wav", "-vn -rf64 always"), ("c.aiff", "-vn"), ("c.au", "-vn"),
        ("c.flac", "-vn -c:a flac"), ("c.wv", "-vn -c:a wavpack"), ("c.tta", "-vn -c:a tta"),
        ("c.mxf", "-c:v mpeg2video -c:a pcm_s16le -ar 48000"), ("c.ivf", "-an -c:v libvpx -deadline realtime -b:v 400k"),
    ]

    /// What came of it, and what there was, are told.
    @Test(arguments: cut) func cutInHalf(_ name: String, _ encoding: String) throws {
        let whole = try GeneratedMedia.make(name, "\(Lavfi.test(seconds: 8)) \(Lavfi.tone(seconds: 8)) -g 10 \(encoding)")
        try expectCut(try GeneratedMedia.cut(whole, to: 0.5), of: 8)
    }

    /// Joined from parts, of which the last never came: the size is right, and the rest is zeros.
    @Test(arguments: [("z.mkv", "-c:v mpeg4 -c:a libvorbis"), ("z.mp4", "\(Lavfi.h264) \(Lavfi.aac) -movflags +faststart")])
    func restIsZeros(_ name: String, _ encoding: String) throws {
        var bytes = try Data(contentsOf: try GeneratedMedia.make(
            name, "\(Lavfi.test(seconds: 8)) \(Lavfi.tone(seconds: 8)) -g 10 \(encoding)"))
        let half = bytes.count / 2
        bytes.replaceSubrange(half..., with: Data(count: bytes.count - half))
        try expectCut(try GeneratedMedia.write(name, bytes), of: 8)
    }

    private func expectCut(_ source: URL, of seconds: Double, location: SourceLocation = #_sourceLocation) throws {
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))", sourceLocation: location)
        let remark = try #require(outcome.remark, sourceLocation: location)
        #expect(remark.contains("cut short"), sourceLocation: location)
        // "… 4.1 of 8.0 seconds …"
        let numbers = remark.split(separator: " ").compactMap { Double($0) }
        #expect(numbers.count == 2 && abs((numbers.last ?? 0) - seconds) < 1.2, "\(remark)", sourceLocation: location)
        #expect(abs((numbers.first ?? 0) - Double(outcome.duration) / 1e6) < 0.1, sourceLocation: location)
        var profile = Profile()
        profile.minimumShare = 0.9
        #expect(try MediaRun()(source, profile: profile).failure?.code == .damaged, sourceLocation: location)
    }
}
