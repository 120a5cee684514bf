import Foundation
import MediaWire
import Testing
import Verdicts

/// A recording over the limit is refused before anything of it is decoded, whatever its header says; and the plan refuses it too.
@Suite struct DurationLimitTests {
    static let recordings: [(name: String, encoding: String)] = [
        ("plain.mp4", "-c:v mpeg4 -c:a aac"), ("fragmented.mp4", "-c:v mpeg4 -c:a aac -movflags frag_keyframe+empty_moov -g 12"),
        ("live.webm", "-c:v libvpx -deadline realtime -c:a libopus -live 1"), ("plain.mkv", "-c:v mpeg4 -c:a aac"),
        ("plain.ts", "-c:v mpeg2video -c:a mp2"), ("plain.mpg", "-c:v mpeg2video -c:a mp2"), ("plain.avi", "-c:v mpeg4 -c:a libmp3lame"),
        ("plain.flv", "-c:v flv -c:a libmp3lame -ar 44100"), ("plain.wmv", "-c:v wmv2 -c:a wmav2"),
        ("guessed.mp3", "-vn -c:a libmp3lame -q:a 4 -write_xing 0"), ("plain.aac", "-vn -c:a aac"), ("plain.wav", "-vn -c:a pcm_s16le"),
        ("plain.flac", "-vn -c:a flac"), ("plain.ogg", "-vn -c:a libopus"), ("plain.amr", "-vn -c:a libopencore_amrnb -ar 8000 -ac 1"),
        ("plain.gif", "-an"), ("plain.h264", "-an -c:v libx264 -pix_fmt yuv420p"),
    ]

    @Test(arguments: recordings) func isRefusedBeforeTheWork(_ name: String, _ encoding: String) throws {
        guard !encoding.contains("opencore") || GeneratedMedia.hasEncoder("libopencore_amrnb") else { return }
        let source = try GeneratedMedia.make(name, "\(Lavfi.test("96x64", seconds: 6)) \(Lavfi.tone(rate: 44_100, seconds: 6)) \(encoding)")
        try Self.expectRefused(source)
        var profile = Profile()
        profile.limits.duration = 6.3
        #expect(try MediaRun()(source, task: .plan, profile: profile).plan != nil)
        let run = try MediaRun()(source, profile: profile)
        #expect(run.outcome != nil, "\(String(describing: run.failure))")
    }

    /// The header says a second, and the packets go on for six.
    @Test func aHeaderThatSaysLessIsNotBelieved() throws {
        let plain = try GeneratedMedia.make("liar.mkv", "\(Lavfi.test("96x64", seconds: 6)) -c:v mpeg4")
        try Self.expectRefused(try Self.lie(plain, milliseconds: 1000))
        // Two hours of quiet behind a second of noise, by the bitrate of the beginning a few minutes.
        let noise = try GeneratedMedia.make("loud.mp3", "-f lavfi -i anoisesrc=d=1:r=44100 -c:a libmp3lame -b:a 320k -write_xing 0 -id3v2_version 0")
        let quiet = try GeneratedMedia.make("quiet.mp3", "-f lavfi -i anullsrc=r=44100:cl=mono:d=40 -c:a libmp3lame -b:a 32k -write_xing 0 -id3v2_version 0")
        let both = try GeneratedMedia.write("both.mp3", try Data(contentsOf: noise) + Data(contentsOf: quiet))
        try Self.expectRefused(both, limit: 20)
    }

    /// The header says ten hours, and there are two seconds.
    @Test func aHeaderThatSaysMoreIsNotBelieved() throws {
        let plain = try GeneratedMedia.make("liar.mkv", "\(Lavfi.test("96x64", seconds: 2)) -c:v mpeg4")
        try Self.expectDone(try Self.lie(plain, milliseconds: 36_000_000))
        try Self.expectDone(Reports.file("durx10.mp4"), limit: 7)
    }

    /// An MP4 of which most is missing holds what is there.
    @Test func whatIsMissingDoesNotCount() throws {
        let whole = try GeneratedMedia.make(
            "cut.mp4", "\(Lavfi.test("320x240", seconds: 8)) -c:v mpeg4 -q:v 2 -g 5 -movflags +faststart")
        try Self.expectRefused(whole)
        try Self.expectDone(try GeneratedMedia.cut(whole, to: 0.3), limit: 4)
    }

    /// Clocks that begin anew count together.
    @Test func joinedRecordingsCountTogether() throws {
        let part = try GeneratedMedia.make("part.ts", "\(Lavfi.test("96x64", seconds: 2)) -c:v mpeg2video")
        let bytes = try Data(contentsOf: part)
        try Self.expectRefused(try GeneratedMedia.write("three.ts", bytes + bytes + bytes), limit: 4)
        try Self.expectRefused(Reports.file("cat-pids.ts"), limit: 8)
    }

    private static func lie(_ file: URL, milliseconds: Double) throws -> URL {
        var bytes = [UInt8](try Data(contentsOf: file))
        // Matroska's Duration: ID 44 89, length 8, a double in milliseconds.
        let place = try #require(bytes.firstRange(of: [0x44, 0x89, 0x88])).upperBound
        for index in 0..<8 { bytes[place + index] = UInt8(milliseconds.bitPattern >> UInt64(56 - 8 * index) & 255) }
        return try GeneratedMedia.write(file.lastPathComponent, bytes)
    }

    private static func expectRefused(_ source: URL, limit: Double = 3, location: SourceLocation = #_sourceLocation) throws {
        var profile = Profile()
        profile.limits.duration = limit
        for task in [MediaRequest.Task.plan, .transcode] {
            let run = try MediaRun()(source, task: task, profile: profile)
            #expect(run.failure?.code == .overDuration, "\(task): \(String(describing: run.failure))", sourceLocation: location)
            // Nothing was begun.
            #expect(run.plan == nil, sourceLocation: location)
        }
    }

    private static func expectDone(_ source: URL, limit: Double = 3, location: SourceLocation = #_sourceLocation) throws {
        var profile = Profile()
        profile.limits.duration = limit
        #expect(try MediaRun()(source, task: .plan, profile: profile).plan != nil, sourceLocation: location)
        let run = try MediaRun()(source, profile: profile)
        #expect(run.outcome != nil, "\(String(describing: run.failure))", sourceLocation: location)
    }
}
