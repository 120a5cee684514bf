import Foundation
import MediaWire
import Testing

/// Streams that begin on the way: joined to those that they continue, or told.
@Suite struct JoinedTrackTests {
    @Test func theReportsRecordingGoesOnInOtherTracks() throws {
        let run = try LossTests.expectAgreement(Reports.file("cat-pids.ts"))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(abs(Double(outcome.duration) / 1e6 - 12) < 0.3 && outcome.remark != nil, "\(outcome.duration) \(outcome.remark ?? "")")
        #expect(try ProbedFile(run.output).kinds == ["video", "audio"])
        let numbers = BarCode.numbers(try DecodedVideo(run.output, gray: true))
        #expect(numbers.count >= 296 && numbers.first == 0)
        // Both halves count from 0; the clock of the second may overlap by a picture or two.
        let second = try #require(numbers.dropFirst(10).firstIndex(of: 5))
        #expect(second >= 150 && numbers[second...].count >= 143 && numbers.last == 149)
    }

    private static func part(_ name: String, _ pids: Int, seconds: Double = 2, _ encoding: String = "-c:v mpeg2video -c:a mp2") throws -> URL {
        try GeneratedMedia.make(
            name, "\(Lavfi.counted("160x120", seconds: seconds)) \(Lavfi.tone(seconds: seconds)) \(encoding) -mpegts_start_pid \(pids) -f mpegts")
    }

    private static func join(_ parts: [URL]) throws -> URL {
        try GeneratedMedia.write("joined.ts", try parts.flatMap { [UInt8](try Data(contentsOf: $0)) })
    }

    /// Three parts, each with numbers of its own, and one that comes back to those of the first.
    @Test(arguments: [[256, 300, 400], [300, 256]]) func allParts(_ pids: [Int]) throws {
        let source = try Self.join(try pids.map { try Self.part("part\($0).ts", $0) })
        let run = try LossTests.expectAgreement(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let seconds = Double(outcome.duration) / 1e6
        #expect(abs(seconds - 2 * Double(pids.count)) < 0.4, "\(seconds) \(outcome.remark ?? "")")
        let numbers = BarCode.numbers(try DecodedVideo(run.output, gray: true))
        #expect(numbers.count { $0 == 20 } == pids.count, "\(numbers)")
        let sound = try DecodedSound(run.output)
        for part in 0..<pids.count {
            let begin = 2 * Double(part)
            #expect(sound.amplitude(440, from: begin + 0.5, to: begin + 1.5) > 0.04, "part \(part)")
        }
    }

    /// The later part has its picture where the first has its sound, and the other way round.
    @Test(arguments: [(256, 257), (256, 255), (300, 301)]) func pidsThatMeanSomethingElseLater(_ first: Int, _ second: Int) throws {
        let source = try Self.join([
            try Self.part("a.ts", first), try Self.part("b.ts", second),
            try Self.part("c.ts", first, "-map 1 -map 0 -c:v mpeg2video -c:a mp2"),
        ])
        let run = try LossTests.expectAgreement(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(abs(Double(outcome.duration) / 1e6 - 6) < 0.5, "\(outcome.duration) \(outcome.remark ?? "")")
        let numbers = BarCode.numbers(try DecodedVideo(run.output, gray: true))
        #expect(numbers.count { $0 == 20 } == 3, "\(numbers)")
        let sound = try DecodedSound(run.output)
        for part in 0..<3 { #expect(sound.amplitude(440, from: 2 * Double(part) + 0.5, to: 2 * Double(part) + 1.5) > 0.04, "part \(part)") }
    }

    /// Recordings of two services, whose tables have other PIDs and numbers: the first one's say nothing about the second.
    @Test func anotherServiceUsesThePIDsForSomethingElse() throws {
        let second = "-c:v mpeg2video -c:a mp2 -mpegts_service_id 2 -mpegts_pmt_start_pid 4352"
        let source = try Self.join([try Self.part("a.ts", 256), try Self.part("b.ts", 257, second)])
        let run = try LossTests.expectAgreement(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(abs(Double(outcome.duration) / 1e6 - 4) < 0.5, "\(outcome.duration) \(outcome.remark ?? "")")
        let numbers = BarCode.numbers(try DecodedVideo(run.output, gray: true))
        #expect(numbers.count { $0 == 20 } == 2, "\(numbers)")
        let sound = try DecodedSound(run.output)
        for part in 0..<2 { #expect(sound.amplitude(440, from: 2 * Double(part) + 0.5, to: 2 * Double(part) + 1.5) > 0.04, "part \(part)") }
    }

    /// Sound alone, then a film whose picture has the PID of that sound.
    @Test func aPictureInThePlaceOfSound() throws {
        let sound = try GeneratedMedia.make("a.ts", "\(Lavfi.tone(seconds: 2)) -c:a mp2 -mpegts_start_pid 256 -f mpegts")
        let run = try LossTests.expectAgreement(try Self.join([sound, try Self.part("b.ts", 256)]), subject: .video)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.width == 160, "\(outcome.remark ?? "")")
        let numbers = BarCode.numbers(try DecodedVideo(run.output, gray: true))
        #expect(numbers.contains(20) && numbers.contains(45), "\(numbers)")
    }

    /// Tables that are damaged or only announce what comes next mean nothing, as they mean nothing to FFmpeg.
    @Test(arguments: [false, true]) func tablesThatDoNotCount(_ areNext: Bool) throws {
        var bytes = [UInt8](try Data(contentsOf: Self.part("a.ts", 256)))
        var altered: [UInt8] = []
        var count = 0
        for place in stride(from: 0, to: bytes.count - 187, by: 188) {
            let packet = bytes[place..<place + 188]
            // The table of the program, as ffmpeg writes it: a section from byte 5, its first stream's type in byte 17.
            if bytes[place + 1] == 0x50, bytes[place + 2] == 0 {
                var copy = Array(packet)
                (copy[17], copy[10]) = (0x1B, areNext ? copy[10] & 0xFE : copy[10])
                if areNext { Self.seal(&copy) }
                altered += copy
                count += 1
            }
            altered += packet
        }
        #expect(count > 5)
        bytes = altered
        let run = try LossTests.expectAgreement(GeneratedMedia.write("tables.ts", bytes))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.remark == nil, "\(outcome.remark ?? "")")
        #expect(BarCode.numbers(try DecodedVideo(run.output, gray: true)).count >= 49)
    }

    /// Writes the checksum of the section at byte 5 (ISO/IEC 13818-1, annex A).
    private static func seal(_ packet: inout [UInt8]) {
        let end = 8 + (Int(packet[6] & 0x0F) << 8 | Int(packet[7])) - 4
        var value: UInt32 = 0xFFFF_FFFF
        for byte in packet[5..<end] {
            value ^= UInt32(byte) << 24
            for _ in 0..<8 { value = value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1 }
        }
        for index in 0..<4 { packet[end + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index)) }
    }

    /// The second part is in another codec: it cannot be joined, and that is told.
    @Test func aPartInAnotherCodecIsTold() throws {
        let source = try Self.join([
            try Self.part("a.ts", 256), try Self.part("b.ts", 300, "-c:v libx264 -pix_fmt yuv420p -c:a aac"),
        ])
        let run = try LossTests.expectAgreement(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.remark?.contains("h264") == true, "\(outcome.remark ?? "")")
    }

    /// Sound alone at first, and a picture long after.
    @Test func aPictureThatBeginsOnTheWayIsTold() throws {
        let sound = try GeneratedMedia.make("a.ts", "\(Lavfi.tone(seconds: 30)) -ac 2 -c:a s302m -strict -2 -mpegts_start_pid 256 -f mpegts")
        let source = try Self.join([sound, try Self.part("b.ts", 300, "-c:v mpeg2video -c:a mp2")])
        let run = try LossTests.expectAgreement(source, subject: .video)
        #expect(run.outcome == nil || run.outcome?.width != nil || run.outcome?.remark?.contains("mpeg2video") == true, "\(run.outcome?.remark ?? "")")
    }

    /// A second track beside the first is no part of it.
    @Test func aTrackBesideIsNotJoined() throws {
        let source = try GeneratedMedia.make(
            "two.ts", "\(Lavfi.counted("160x120")) \(Lavfi.tone(440, seconds: 2)) \(Lavfi.tone(880, seconds: 2)) -map 0 -map 1 -map 2 -c:v mpeg2video -c:a mp2")
        let run = try LossTests.expectAgreement(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.remark == nil && abs(Double(outcome.duration) / 1e6 - 2) < 0.2)
        #expect(try DecodedSound(run.output).amplitude(880, from: 0.5, to: 1.5) < 0.005)
    }
}
