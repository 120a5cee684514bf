import Foundation
import MediaWire
import Testing
import Verdicts

/// What fuzzing found: damage that was taken for our own failure, or not seen at all.
@Suite struct DamageTests {
    private static let sound = "-f lavfi -i sine=frequency=440:sample_rate=44100:duration=1"
    private static let film = "-f lavfi -i testsrc2=size=96x64:rate=10:duration=1 -c:v libx264 -pix_fmt yuv420p"

    /// Damages a copy of a file.
    private static func damage(_ file: URL, _ change: (inout [UInt8]) throws -> Void) throws -> URL {
        var bytes = [UInt8](try Data(contentsOf: file))
        try change(&bytes)
        return try GeneratedMedia.write(file.lastPathComponent, bytes)
    }

    private static func place(of type: String, in bytes: [UInt8]) throws -> Int {
        try #require(bytes.indices.dropLast(4).first { bytes[$0..<$0 + 4].elementsEqual(type.utf8) })
    }

    @Test(arguments: [[0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0x80, 0x7F], [0xFF, 0xFF, 0x7F, 0x7F]] as [[UInt8]])
    func samplesThatAreNoNumbers(_ sample: [UInt8]) throws {
        let wave = try GeneratedMedia.make("float.wav", Self.sound + " -c:a pcm_f32le")
        let source = try Self.damage(wave) { bytes in
            for place in stride(from: 4096, to: bytes.count - 4, by: 4000) { bytes.replaceSubrange(place..<place + 4, with: sample) }
        }
        let run = try MediaRun()(source, subject: .audio)
        #expect(run.failure == nil && run.outcome != nil, "\(run.failure?.detail ?? "")")
    }

    @Test func aDamagedHeaderOfAPacketIsPassedOver() throws {
        let stream = try GeneratedMedia.make("voice.aac", Self.sound + " -c:a aac")
        let source = try Self.damage(stream) { bytes in
            bytes.replaceSubrange(bytes.count / 2..<bytes.count / 2 + 600, with: [UInt8](repeating: 0xA5, count: 600))
        }
        let run = try MediaRun()(source, subject: .audio)
        #expect(run.failure == nil && run.outcome != nil, "\(run.failure?.detail ?? "")")
    }

    @Test func aDamagedFileIsNotKeptForItsSize() throws {
        let tune = try GeneratedMedia.make("tune.mp3", Self.sound + " -c:a libmp3lame -b:a 32k")
        let source = try Self.damage(tune) { bytes in
            // Half of a frame moves into another.
            let piece = Array(bytes[1000..<1100])
            bytes.removeSubrange(1000..<1100)
            bytes.insert(contentsOf: piece, at: 2000)
        }
        let run = try MediaRun()(source, subject: .audio)
        #expect(run.outcome?.isRewritten == true, "\(run.failure?.detail ?? "")")
    }

    @Test func aTableThatAsksForAllMemoryIsDamage() throws {
        let film = try GeneratedMedia.make("film.mp4", Self.film)
        let source = try Self.damage(film) { bytes in
            let count = try Self.place(of: "stss", in: bytes) + 8
            bytes.replaceSubrange(count..<count + 4, with: [0x3F, 0xFF, 0xFF, 0xFE])
        }
        let failure = try MediaRun()(source).failure
        #expect(failure == nil || failure?.code == .damaged, "\(failure?.detail ?? "")")
    }

    @Test func scrambledTimesAreNotKept() throws {
        let film = try GeneratedMedia.make("film.mp4", Self.film + " -bf 2 -movflags +faststart")
        let plain = try MediaRun()(film)
        #expect(plain.outcome?.isRewritten == false, "what is whole is right as it is")
        let source = try Self.damage(film) { bytes in
            // The first picture is shown after its successors.
            let offset = try Self.place(of: "ctts", in: bytes) + 16
            bytes.replaceSubrange(offset..<offset + 4, with: [0, 0, 0x14, 0])
        }
        let run = try MediaRun()(source)
        #expect(run.outcome?.isRewritten == true, "\(run.failure?.detail ?? "")")
    }

    /// Ticks so short that all of the film passes within no time: nothing of it can be seen.
    @Test(arguments: ["libx264 -bf 0", "mpeg4"]) func aFilmOfNoDurationIsDamage(_ codec: String) throws {
        let film = try GeneratedMedia.make(
            "film.mp4", "-f lavfi -i testsrc2=size=96x64:rate=10:duration=1 -c:v \(codec) -pix_fmt yuv420p -video_track_timescale 10")
        let source = try Self.damage(film) { bytes in
            let scale = try Self.place(of: "mdhd", in: bytes) + 16
            bytes.replaceSubrange(scale..<scale + 4, with: "mdhd".utf8)
        }
        let failure = try MediaRun()(source).failure
        #expect(failure?.code == .damaged, "\(failure?.detail ?? "")")
    }
}
