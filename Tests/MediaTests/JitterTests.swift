import Foundation
import MediaWire
import Testing

/// Sound whose packets carry times that are early or late, or drift.
@Suite struct JitterTests {
    static let tone = "-f lavfi -i sine=frequency=300:sample_rate=48000:duration=8"
    /// Times that are off by up to some seconds, this way and that, in no order.
    static func jitter(_ most: Double) -> String { "setts=pts='PTS+\(most)*sin(N*N*2.4+N)/TB':dts='PTS-\(most + 0.05)/TB'" }

    @Test func jitterOfTheReport() throws {
        let run = try MediaRun()(Reports.file("jitter20.mkv"))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(abs(Double(outcome.duration) / 1e6 - 6) <= 0.2)
        #expect(outcome.remark == nil)
        #expect(try ProbedFile(run.output).kinds == ["video", "audio"])
        let sound = try DecodedSound(run.output)
        let clicks = ClickCounter(tone: 300).clicks(in: sound)
        #expect(clicks.count <= 2, "\(clicks)")
        #expect(sound.longestSilence(from: 0.1, to: 5.9) < 0.01)
        // What was counted is heard.
        #expect(!ClickCounter(tone: 300).clicks(in: try DecodedSound(Reports.file("jitter20.mkv"))).isEmpty)
    }

    @Test(arguments: [
        (0.04, "-c:a libopus"), (0.02, "-c:a libvorbis"), (0.03, "-c:a pcm_s16le"), (0.04, "-c:a libmp3lame"), (0.04, "-c:a ac3"), (0.01, "-c:a flac"),
    ])
    func jitterIsNotHeard(_ most: Double, _ codec: String) throws {
        let whole = try GeneratedMedia.make("whole.mkv", "\(Self.tone) \(codec)")
        let source = try GeneratedMedia.make("j.mkv", "-i @0 -c copy -bsf:a \(Self.jitter(most))", from: whole)
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(abs(Double(outcome.duration) / 1e6 - 8) <= 0.15, "\(outcome.duration)")
        let sound = try DecodedSound(run.output)
        let clicks = ClickCounter(tone: 300).clicks(in: sound)
        #expect(clicks.count <= 2, "\(clicks)")
        #expect(sound.longestSilence(from: 0.1, to: 7.9) < 0.01)
    }

    /// With jitter or without, a gap stays where it is, and so long.
    @Test(arguments: [0.0, 0.02, 0.04], [0.12, 1.0]) func gapIsFilled(_ most: Double, _ gap: Double) throws {
        let whole = try GeneratedMedia.make("whole.mkv", "\(Self.tone) -c:a libopus")
        let holed = try GeneratedMedia.make(
            "holed.mkv", "-i @0 -c copy -bsf:a noise=amount=0:drop='between(pts*tb\\,3.99\\,\(3.99 + gap - 0.001))'", from: whole)
        let source = try GeneratedMedia.make("j.mkv", "-i @0 -c copy -bsf:a \(Self.jitter(most))", from: holed)
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        let silence = sound.longestSilence(from: 3.7, to: 4.2 + gap)
        #expect(abs(silence - gap) < (most > 0 ? 0.05 : 0.02), "\(silence)")
        #expect(sound.longestSilence(from: 0.1, to: 3.9) < 0.01 && sound.longestSilence(from: 4.15 + gap, to: 7.9) < 0.01)
        #expect(ClickCounter(tone: 300).clicks(in: sound).filter { abs($0 - 4) > 0.1 && abs($0 - 4 - gap) > 0.1 }.count <= 2)
    }

    /// A recorder whose clock is not the sound's: it stays in step, and nobody hears how.
    @Test(arguments: [1.001, 0.999, 1.004], [0.0, 0.02]) func driftIsFollowed(_ pace: Double, _ most: Double) throws {
        let seconds = 40.0
        let whole = try GeneratedMedia.make(
            "whole.mkv", "\(SecondMarks.inputs(seconds: seconds)) -map 0:v -map 1:a -c:v mpeg4 -q:v 5 -c:a pcm_s16le")
        let drift = "setts=pts='PTS*\(pace)+\(most)*sin(N*N*2.4+N)/TB':dts='PTS*\(pace)-\(most + 0.05)/TB'"
        let source = try GeneratedMedia.make("d.mkv", "-i @0 -map 0 -c copy -bsf:a \(drift)", from: whole)
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let beeps = try SecondMarks(run.output, hasPicture: false).beeps
        #expect(beeps.count == 39)
        for (index, beep) in beeps.enumerated() {
            #expect(abs(beep - Double(index + 1) * pace) < 0.03, "beep \(index + 1) at \(beep)")
        }
    }

    @Test func driftIsNotHeard() throws {
        let whole = try GeneratedMedia.make("whole.mkv", "-f lavfi -i sine=frequency=300:sample_rate=48000:duration=20 -c:a pcm_s16le")
        let source = try GeneratedMedia.make("d.mkv", "-i @0 -c copy -bsf:a setts=ts=PTS*1.001", from: whole)
        let run = try MediaRun()(source)
        let sound = try DecodedSound(run.output)
        #expect(abs(sound.end - 20.02) < 0.03, "\(sound.end)")
        #expect(ClickCounter(tone: 300).clicks(in: sound).count <= 2)
        #expect(sound.longestSilence(from: 0.1, to: 19.9) < 0.01)
    }

    /// Sound that is copied has the times of its samples, whatever its packets say.
    @Test(arguments: [0.0, 0.02]) func copiedSoundIsEven(_ most: Double) throws {
        let whole = try GeneratedMedia.make("whole.mkv", "\(Lavfi.test(seconds: 8)) \(Self.tone) \(Lavfi.h264) \(Lavfi.aac)")
        let source = try GeneratedMedia.make("c.mkv", "-i @0 -map 0 -c copy -bsf:a \(Self.jitter(most))", from: whole)
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(run.plan?.decisions.contains { $0.stream == 1 && $0.action == "copy" } == true)
        let lines = try Program.run(
            "ffprobe", ["-v", "error", "-select_streams", "a", "-show_entries", "packet=pts", "-of", "csv=p=0", run.output.path])
        let times = String(decoding: lines.output, as: UTF8.self).split(separator: "\n").compactMap { Int($0.split(separator: ",")[0]) }
        #expect(times.count > 300)
        #expect(Set(zip(times, times.dropFirst()).map { $1 - $0 }) == [1024])
        #expect(abs(Double(times[0]) / 48_000) < 0.05)
    }

    /// Copied, it would run away from the picture.
    @Test func driftIsNotCopied() throws {
        let whole = try GeneratedMedia.make(
            "whole.mkv", "\(SecondMarks.inputs(seconds: 40)) -map 0:v -map 1:a \(Lavfi.h264) \(Lavfi.aac)")
        let source = try GeneratedMedia.make("d.mkv", "-i @0 -map 0 -c copy -bsf:a setts=ts=PTS*1.002", from: whole)
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let beeps = try SecondMarks(run.output, hasPicture: false).beeps
        #expect(abs((beeps.last ?? 0) - 39 * 1.002) < 0.03, "\(beeps)")
    }
}
