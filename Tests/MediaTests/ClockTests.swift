import Foundation
import MediaWire
import Testing

/// Clocks that jump, and gaps that are none: the streams of a program have one clock.
@Suite struct ClockTests {
    /// 12 s of the picture are missing, the sound goes on.
    @Test func gapInThePictureOfTheReport() throws {
        let source = Reports.file("vgap-video-12.ts")
        let run = try convert(source, seconds: 30, tolerance: 0.3)
        let marks = try SecondMarks(run.output)
        let seconds = (1...29).map(Double.init)
        marks.expect(flashes: seconds.filter { $0 < 3 || $0 >= 15 }.map { $0 + 0.02 }, beeps: seconds, within: 0.03, together: 0.025)
        #expect(abs(marks.lastPicture + 0.04 - marks.soundEnd) < 0.1, "\(marks.lastPicture), \(marks.soundEnd)")
    }

    /// Of picture and sound that mark every second, parts are missing in one stream or in both.
    @Test(arguments: [
        ("g.ts", "v", 3.0, 15.0, "-c:v mpeg2video -g 1 -q:v 4 -c:a mp2"), ("g.ts", "a", 4.5, 18.5, "-c:v mpeg2video -g 1 -q:v 4 -c:a mp2"),
        ("g.ts", "v", 2.5, 16.5, "\(Lavfi.h264) -g 1 \(Lavfi.aac)"), ("g.mkv", "v", 3.0, 15.0, "-c:v mpeg4 -g 1 -c:a aac"),
    ])
    func gapOfOneStream(_ name: String, _ stream: String, _ from: Double, _ to: Double, _ encoding: String) throws {
        let whole = try GeneratedMedia.make("whole.mkv", "\(SecondMarks.inputs(seconds: 22)) -map 0:v -map 1:a \(encoding)")
        // The filter counts in the input's time base: it is given one that is the output's too.
        let cut = try GeneratedMedia.make(
            "cut.mkv", "-i @0 -map 0 -c copy -bsf:\(stream) noise=amount=0:drop='between(pts*tb\\,\(from - 0.01)\\,\(to - 0.01))'", from: whole)
        let source = try GeneratedMedia.make(name, "-i @0 -map 0 -c copy", from: cut)
        let run = try convert(source, seconds: 22, tolerance: 0.3)
        let marks = try SecondMarks(run.output)
        let seconds = (1...21).map(Double.init), rest = seconds.filter { $0 < from || $0 >= to }
        marks.expect(flashes: stream == "v" ? rest : seconds, beeps: stream == "a" ? rest : seconds, within: 0.06)
    }

    /// A broadcast that paused for longer than 10 s goes on at once, and in step.
    @Test func pauseOfTheWholeProgram() throws {
        let whole = try GeneratedMedia.make(
            "whole.mkv", "\(SecondMarks.inputs(seconds: 24)) -map 0:v -map 1:a -c:v mpeg2video -g 1 -q:v 4 -c:a mp2")
        let drop = "noise=amount=0:drop='between(pts*tb\\,4.49\\,18.49)'"
        let cut = try GeneratedMedia.make("cut.mkv", "-i @0 -map 0 -c copy -bsf:v \(drop) -bsf:a \(drop)", from: whole)
        let source = try GeneratedMedia.make("p.ts", "-i @0 -map 0 -c copy", from: cut)
        let run = try convert(source, seconds: 10, tolerance: 0.3)
        let marks = try SecondMarks(run.output)
        marks.expect(flashes: (1...9).map(Double.init), beeps: (1...9).map(Double.init), within: 0.12)
    }

    /// A shorter one is a gap, in which the picture stands still and nothing is heard.
    @Test func shortPauseStays() throws {
        let whole = try GeneratedMedia.make(
            "whole.mkv", "\(SecondMarks.inputs(seconds: 16)) -map 0:v -map 1:a -c:v mpeg2video -g 1 -q:v 4 -c:a mp2")
        let drop = "noise=amount=0:drop='between(pts*tb\\,4.49\\,10.49)'"
        let cut = try GeneratedMedia.make("cut.mkv", "-i @0 -map 0 -c copy -bsf:v \(drop) -bsf:a \(drop)", from: whole)
        let source = try GeneratedMedia.make("p.ts", "-i @0 -map 0 -c copy", from: cut)
        let run = try convert(source, seconds: 16, tolerance: 0.3)
        let marks = try SecondMarks(run.output)
        let seconds = [1, 2, 3, 4, 11, 12, 13, 14, 15].map(Double.init)
        marks.expect(flashes: seconds, beeps: seconds, within: 0.06)
    }

    @Test func joinedRecordingsOfTheReport() throws {
        let run = try convert(Reports.file("cat-reset.ts"), seconds: 12, tolerance: 0.3)
        let marks = try SecondMarks(run.output)
        let seconds = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11].map(Double.init)
        marks.expect(flashes: seconds, beeps: seconds, within: 0.15)
    }

    /// Joined byte by byte: the second clock begins before the first, or shortly before its end, or far behind it; some without
    /// one of the streams.
    @Test(arguments: [0.0, 5.3, 2000, 95_440], ["av", "v", "a"]) func joinedRecordings(_ offset: Double, _ streams: String) throws {
        let maps = (streams.contains("v") ? "-map 0:v " : "") + (streams.contains("a") ? "-map 1:a " : "")
        let encoding = "\(maps)-c:v mpeg2video -q:v 4 -c:a mp2 -muxdelay 0"
        let first = try GeneratedMedia.make("a.ts", "\(SecondMarks.inputs(seconds: 6)) \(encoding)")
        let second = try GeneratedMedia.make("b.ts", "\(SecondMarks.inputs(seconds: 6)) \(encoding) -output_ts_offset \(offset)")
        let source = try GeneratedMedia.write("both.ts", try Data(contentsOf: first) + Data(contentsOf: second))
        let run = try convert(source, seconds: 12, tolerance: 0.3, tracks: streams)
        let marks = try SecondMarks(run.output, hasPicture: streams.contains("v"), hasSound: streams.contains("a"))
        let seconds = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11].map(Double.init)
        marks.expect(
            flashes: streams.contains("v") ? seconds : [], beeps: streams.contains("a") ? seconds : [], within: 0.15)
    }

    /// The clock wraps in the middle, at 2^33 of 90 kHz.
    @Test func clockWraps() throws {
        let source = try GeneratedMedia.make(
            "w.ts", "\(SecondMarks.inputs(seconds: 8)) -map 0:v -map 1:a -c:v mpeg2video -q:v 4 -c:a mp2 -muxdelay 0 -output_ts_offset 95440")
        let run = try convert(source, seconds: 8, tolerance: 0.3)
        let marks = try SecondMarks(run.output)
        marks.expect(flashes: (1...7).map(Double.init), beeps: (1...7).map(Double.init), within: 0.06)
    }

    /// One packet of the sound carries a time that is far off.
    @Test(arguments: [100, -3, -0.5, 5000]) func oneTimeIsWrong(_ error: Double) throws {
        let whole = try GeneratedMedia.make(
            "w.ts", "\(SecondMarks.inputs(seconds: 8)) -map 0:v -map 1:a -c:v mpeg2video -q:v 4 -c:a mp2 -muxdelay 0")
        var bytes = [UInt8](try Data(contentsOf: whole))
        // Transport packets (ISO/IEC 13818-1, 2.4.3) in which a packet of MPEG audio begins; behind its header comes the time.
        let starts = stride(from: 0, to: bytes.count - 187, by: 188).compactMap { place -> Int? in
            guard bytes[place + 1] & 0x40 != 0 else { return nil }
            let payload = place + 4 + (bytes[place + 3] & 0x20 != 0 ? 1 + Int(bytes[place + 4]) : 0)
            return bytes[payload..<payload + 4].elementsEqual([0, 0, 1, 0xC0]) ? payload + 9 : nil
        }
        let place = starts[starts.count / 2]
        let field = bytes[place..<place + 5].map { UInt64($0) }
        let old = (field[0] >> 1 & 7) << 30 | field[1] << 22 | (field[2] >> 1) << 15 | field[3] << 7 | field[4] >> 1
        let new = UInt64(Int64(old) + Int64(error * 90_000))
        bytes[place] = UInt8(field[0] & 0xF1 | (new >> 30 & 7) << 1)
        bytes[place + 1] = UInt8(new >> 22 & 0xFF)
        bytes[place + 2] = UInt8((new >> 15 & 0x7F) << 1 | 1)
        bytes[place + 3] = UInt8(new >> 7 & 0xFF)
        bytes[place + 4] = UInt8((new & 0x7F) << 1 | 1)
        let run = try convert(try GeneratedMedia.write("w.ts", bytes), seconds: 8, tolerance: 0.3)
        let marks = try SecondMarks(run.output)
        marks.expect(flashes: (1...7).map(Double.init), beeps: (1...7).map(Double.init), within: 0.1)
    }

    /// Slides whose sound is handed out long before them.
    @Test(arguments: ["mkv", "flv"], ["1/2", "1", "2"]) func slidesKeepTheirTime(_ kind: String, _ rate: String) throws {
        let slides = "-f lavfi -i testsrc2=size=160x120:rate=\(rate):duration=12 \(Lavfi.tone(seconds: 12))"
        let source = try GeneratedMedia.make("s.\(kind)", "\(slides) -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac")
        let run = try convert(source, seconds: 12, tolerance: 0.1)
        let times = try DecodedVideo(run.output).times
        #expect(abs((times.first ?? .nan) - 0.02) < 0.04, "\(times)")
    }

    private func convert(
        _ source: URL, seconds: Double, tolerance: Double, tracks: String = "av", location: SourceLocation = #_sourceLocation
    ) throws -> MediaRun {
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))", sourceLocation: location)
        #expect(abs(Double(outcome.duration) / 1e6 - seconds) <= tolerance, "\(outcome.duration)", sourceLocation: location)
        #expect(outcome.remark == nil, sourceLocation: location)
        let kinds = ["video", "audio"].filter { tracks.contains($0.prefix(1)) }
        #expect(try ProbedFile(run.output).kinds == kinds, sourceLocation: location)
        return run
    }
}
