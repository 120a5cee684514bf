import Foundation
import MediaWire
import Testing

@Suite struct LoudnessTests {
    /// Noise like speech and music: loud and soft by turns, at so many LUFS.
    static func program(_ name: String, lufs: Double, seconds: Double = 6, encoding: String, extra: String = "") throws -> URL {
        let noise = "anoisesrc=color=pink:seed=7:r=48000:d=\(seconds):a=0.5,volume='0.4+0.3*sin(2*PI*t/3)':eval=frame"
        let made = try GeneratedMedia.make("made.wav", "-f lavfi -i \(noise) -ac 2 -c:a pcm_f32le")
        let gain = lufs - (try MeasuredLoudness(made).integrated)
        return try GeneratedMedia.make(name, "-i @0 -af volume=\(gain)dB:precision=double\(extra) \(encoding)", from: made)
    }

    struct Case: CustomTestStringConvertible {
        var lufs: Double
        var expected: Double
        var testDescription: String { "\(lufs) LUFS" }
    }

    static let cases = [
        Case(lufs: -23, expected: -16), Case(lufs: -20, expected: -16), Case(lufs: -10, expected: -16), Case(lufs: -8, expected: -16),
        // At most 9 dB.
        Case(lufs: -30, expected: -21), Case(lufs: -40, expected: -31),
        // Within 3 LU nothing is touched.
        Case(lufs: -18.5, expected: -18.5), Case(lufs: -14, expected: -14), Case(lufs: -16, expected: -16),
    ]

    @Test(arguments: cases) func isBroughtToTheTarget(_ test: Case) throws {
        let source = try Self.program("loudness.wav", lufs: test.lufs, encoding: "-c:a pcm_f32le")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let measured = try MeasuredLoudness(run.output)
        // What is loud already may lose a decibel and a half to its peaks.
        #expect(abs(measured.integrated - test.expected) <= (test.lufs > -15 && test.lufs == test.expected ? 1.6 : 1), "\(measured)")
        #expect(test.lufs > -12 || measured.peak <= -0.9, "\(measured)")
    }

    @Test func targetIsTheProfiles() throws {
        var profile = Profile()
        profile.audio.loudnessTarget = -23
        let run = try MediaRun()(try Self.program("p.wav", lufs: -15, encoding: "-c:a pcm_f32le"), profile: profile)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(abs(try MeasuredLoudness(run.output).integrated + 23) <= 1)
    }

    @Test func offLeavesItAlone() throws {
        var profile = Profile()
        profile.audio.loudness = .off
        let run = try MediaRun()(try Self.program("off.wav", lufs: -24, encoding: "-c:a pcm_f32le"), profile: profile)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(abs(try MeasuredLoudness(run.output).integrated + 24) <= 0.5)
    }

    /// Sound that can be copied is, unless the profile always wants it corrected.
    @Test(arguments: [(Loudness.auto, -25.0), (.always, -16.0)])
    func copiedSoundIsOnlyCorrectedWhereAlways(_ loudness: Loudness, _ expected: Double) throws {
        var profile = Profile()
        profile.audio.loudness = loudness
        let source = try Self.program("copy.mka", lufs: -25, encoding: "-c:a aac -b:a 128k")
        let run = try MediaRun()(source, profile: profile)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(abs(try MeasuredLoudness(run.output).integrated - expected) <= 1)
    }

    /// Short peaks far above the rest: the gain stops where they would pass -1 dBTP.
    @Test func peaksBoundTheGain() throws {
        let peaks = ",aeval='val(0)+0.35*lt(mod(t\\,1)\\,0.001)*sin(2*PI*900*t)|val(1)':c=same"
        let source = try Self.program("peaks.wav", lufs: -26, encoding: "-c:a pcm_f32le", extra: peaks)
        let before = try MeasuredLoudness(source)
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let after = try MeasuredLoudness(run.output)
        #expect(before.peak > -9 && before.peak < -2.5)
        #expect(after.peak <= -0.9, "\(after)")
        // Turned up as far as that allows, and by plain gain: the peaks still stand as high above the rest.
        #expect(after.integrated > before.integrated + (-1 - before.peak) - 2, "\(before) became \(after)")
        #expect(abs((after.peak - after.integrated) - (before.peak - before.integrated)) < 1.5)
    }

    /// Soft stays soft beside loud.
    @Test func dynamicsStay() throws {
        let source = try GeneratedMedia.make(
            "dynamics.wav",
            "-f lavfi -i aevalsrc='0.02*sin(2*PI*1000*t)*(1+2*gt(t\\,3))':s=48000:d=6 -ac 2 -c:a pcm_f32le")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        let ratio = sound.rms(from: 3.5, to: 5.5) / sound.rms(from: 0.5, to: 2.5)
        #expect(abs(ratio - 3) < 0.1, "\(ratio)")
        #expect(sound.rms(from: 0.5, to: 2.5) > 0.02)
    }

    @Test func silenceStaysSilence() throws {
        let source = try GeneratedMedia.make("silence.wav", "-f lavfi -i anullsrc=r=48000:cl=stereo -t 3")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(try DecodedSound(run.output).peak() < 0.0001)
    }

    /// Breath and hum are not made into a roar.
    @Test(arguments: [0.0005, 0.0001]) func nearSilenceIsLeftAlone(_ amplitude: Double) throws {
        let source = try GeneratedMedia.make(
            "near.wav", "-f lavfi -i anoisesrc=color=white:seed=3:r=48000:d=4:a=\(amplitude) -ac 2 -c:a pcm_f32le")
        let before = try DecodedSound(source).rms(from: 0.5, to: 3.5)
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let after = try DecodedSound(run.output).rms(from: 0.5, to: 3.5)
        #expect(after < before * 1.3, "\(before) became \(after)")
    }

    /// Surround is measured as it will be heard: after the mix.
    @Test func mixIsMeasured() throws {
        let source = try GeneratedMedia.make(
            "mix.wav", SoundTests.tones("5.1", [400, 500, 600, 60, 700, 800], amplitude: 0.05).replacing(":d=2", with: ":d=5") + " -c:a pcm_f32le")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let after = try MeasuredLoudness(run.output)
        var profile = Profile()
        profile.audio.loudness = .off
        let plain = try MediaRun()(source, profile: profile)
        let mixed = try MeasuredLoudness(plain.output)
        let expected = abs(mixed.integrated + 16) > 3 ? mixed.integrated + max(-9, min(9, -16 - mixed.integrated)) : mixed.integrated
        #expect(abs(after.integrated - expected) <= 1, "\(mixed) became \(after)")
    }
}
