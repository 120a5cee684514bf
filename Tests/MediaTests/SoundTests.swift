import Foundation
import MediaWire
import Testing

@Suite struct SoundTests {
    /// A tone of its own in each channel of a layout, in FFmpeg's order.
    static func tones(_ layout: String, _ frequencies: [Int], amplitude: Double = 0.1, rate: Int = 48_000) -> String {
        let parts = frequencies.map { "\(amplitude)*sin(2*PI*\($0)*t)" }.joined(separator: "|")
        return "-f lavfi -i aevalsrc='\(parts)':c=\(layout):s=\(rate):d=2"
    }

    static func plain() -> Profile {
        var profile = Profile()
        profile.audio.loudness = .off
        return profile
    }

    struct Mix: CustomTestStringConvertible {
        var layout: String
        /// Of FL, FR and then the others: frequency, and how loud it must be left and right beside the front one.
        var channels: [(frequency: Int, left: Double, right: Double)]
        var testDescription: String { layout }
    }

    static let half = 0.5.squareRoot()
    static let mixes = [
        Mix(layout: "5.1", channels: [(310, 1, 0), (410, 0, 1), (530, half, half), (70, 0, 0), (670, half, 0), (790, 0, half)]),
        Mix(layout: "5.1(side)", channels: [(310, 1, 0), (410, 0, 1), (530, half, half), (70, 0, 0), (670, half, 0), (790, 0, half)]),
        Mix(layout: "7.1", channels: [(310, 1, 0), (410, 0, 1), (530, half, half), (70, 0, 0), (670, half, 0), (790, 0, half), (910, half, 0), (1030, 0, half)]),
        Mix(layout: "3.0", channels: [(310, 1, 0), (410, 0, 1), (530, half, half)]),
        Mix(layout: "quad", channels: [(310, 1, 0), (410, 0, 1), (670, half, 0), (790, 0, half)]),
        Mix(layout: "stereo", channels: [(310, 1, 0), (410, 0, 1)]),
    ]

    /// BS.775: the centre and each surround at -3 dB, no low-frequency effects.
    @Test(arguments: mixes) func manyChannelsBecomeTwo(_ mix: Mix) throws {
        let source = try GeneratedMedia.make("mix.flac", Self.tones(mix.layout, mix.channels.map(\.frequency)) + " -c:a flac")
        let run = try MediaRun()(source, profile: Self.plain())
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        try #require(sound.samples.count == 2)
        let unit = sound.amplitude(310, 0, from: 0.5, to: 1.5)
        #expect(unit > 0.02 && unit < 0.12)
        for channel in mix.channels {
            for (index, expected) in [channel.left, channel.right].enumerated() {
                let share = sound.amplitude(Double(channel.frequency), index, from: 0.5, to: 1.5) / unit
                #expect(abs(share - expected) < 0.06, "\(channel.frequency) Hz in channel \(index): \(share), expected \(expected)")
            }
        }
    }

    /// Everything at full scale, in phase: the mix must be turned down, not cut off.
    @Test(arguments: [Loudness.off, .auto]) func loudMixDoesNotClip(_ loudness: Loudness) throws {
        var profile = Profile()
        profile.audio.loudness = loudness
        let source = try GeneratedMedia.make(
            "loud.wav", Self.tones("5.1", [500, 500, 500, 500, 500, 500], amplitude: 0.99) + " -c:a pcm_s16le")
        let run = try MediaRun()(source, profile: profile)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        #expect(sound.peak(from: 0.3, to: 1.7) <= 1.02)
        let tone = sound.amplitude(500, from: 0.5, to: 1.5)
        #expect(tone > 0.2)
        // What is cut off turns into odd overtones.
        #expect(sound.amplitude(1500, from: 0.5, to: 1.5) < tone * 0.01)
    }

    /// Layouts that an AAC encoder does not know.
    @Test(arguments: ["2.1", "3.0(back)", "4.0", "4.1", "5.0", "5.0(side)", "6.0", "6.0(front)", "hexagonal", "6.1", "7.0", "7.1(wide)", "octagonal", "downmix"])
    func everyLayoutIsHeard(_ layout: String) throws {
        let source = try GeneratedMedia.make(
            "layout.wav", "\(Lavfi.tone()) -af aformat=channel_layouts=\(layout) -c:a pcm_s16le")
        let run = try MediaRun()(source, subject: .audio, profile: Self.plain())
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(try ProbedFile(run.output).audio?.channels == 2)
        #expect(try DecodedSound(run.output).amplitude(440, from: 0.2, to: 0.8) > 0.02)
    }

    @Test(arguments: [8_000, 11_025, 12_000, 16_000, 22_050, 32_000, 37_800, 44_100, 48_000, 88_200, 96_000, 192_000])
    func everyRateKeepsPitchAndLength(_ rate: Int) throws {
        let source = try GeneratedMedia.make("rate.wav", "\(Lavfi.tone(rate: rate)) -c:a pcm_s16le")
        let run = try MediaRun()(source, profile: Self.plain())
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let file = try ProbedFile(run.output)
        #expect(["44100", "48000", "32000", "24000", "22050", "16000"].contains(file.audio?.sample_rate))
        #expect(file.audio?.channels == 1)
        let sound = try DecodedSound(run.output)
        let tone = sound.amplitude(440, from: 0.1, to: 0.9)
        #expect(abs(tone - 0.125) < 0.006)
        // Nothing but the tone.
        #expect(abs(sound.rms(from: 0.1, to: 0.9) - tone * Self.half) < 0.003)
        #expect(abs(Double(outcome.duration) / 1e6 - 1) < 0.03)
        #expect(abs(sound.end - 1) < 0.06)
    }

    @Test func monoStaysMono() throws {
        let source = try GeneratedMedia.make("mono.flac", Lavfi.tone())
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(try ProbedFile(run.output).audio?.channels == 1)
    }

    /// The track that the file calls default goes before others; without one, that with more channels.
    @Test(arguments: [
        ("-disposition:a:0 0 -disposition:a:1 default", 800), ("-disposition:a:0 default -disposition:a:1 0", 400),
        ("-disposition:a:0 0 -disposition:a:1 0", 800),
    ])
    func trackIsChosen(_ disposition: String, _ expected: Int) throws {
        let source = try GeneratedMedia.make(
            "tracks.mkv",
            "\(Lavfi.test()) \(Lavfi.tone(400)) \(Lavfi.tone(800)) -map 0 -map 1 -map 2 -c:v mpeg4 -c:a flac -ac:a:1 2 \(disposition)")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(try ProbedFile(run.output).kinds == ["video", "audio"])
        let sound = try DecodedSound(run.output)
        #expect(sound.amplitude(Double(expected), from: 0.2, to: 0.8) > 0.03)
        #expect(sound.amplitude(Double(1200 - expected), from: 0.2, to: 0.8) < 0.003)
    }

    /// A track for people who cannot see or hear is not the one to play.
    @Test func commentaryIsNotChosen() throws {
        let source = try GeneratedMedia.make(
            "tracks.mkv",
            "\(Lavfi.test()) \(Lavfi.tone(400)) \(Lavfi.tone(800)) -map 0 -map 1 -map 2 -c:v mpeg4 -c:a flac -ac:a:0 2 -disposition:a:0 comment -disposition:a:1 0")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(try DecodedSound(run.output).amplitude(800, from: 0.2, to: 0.8) > 0.03)
    }

    /// Frames that lie over the ones before are cut; what follows keeps its time.
    @Test func overlapIsCut() throws {
        let clip = SyncClip(moments: [0.5, 2.2], seconds: 4)
        let whole = try GeneratedMedia.make("whole.mkv", "\(clip.sound) -c:a pcm_s16le")
        let source = try GeneratedMedia.make(
            "overlap.mkv", "-i @0 -c copy -bsf:a setts=ts='if(gt(PTS*TB\\,1.2)\\,PTS-0.3/TB\\,PTS)'", from: whole)
        let run = try MediaRun()(source, profile: Self.plain())
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        #expect(sound.isContiguous)
        #expect(abs((sound.onset(from: 0.2, level: 0.1) ?? 0) - 0.5) < 0.01)
        let second = sound.onset(from: 1.2, level: 0.1) ?? 0
        #expect(abs(second - 1.9) < 0.01, "\(second)")
        #expect(abs(Double(outcome.duration) / 1e6 - 3.7) < 0.05)
    }

    /// Sound that could be copied but for a gap is encoded, and the gap is filled.
    @Test func gapInWhatCouldBeCopied() throws {
        let whole = try GeneratedMedia.make("whole.mkv", "\(Lavfi.tone(seconds: 3)) \(Lavfi.aac)")
        let copied = try MediaRun()(whole)
        #expect(copied.plan?.decisions.contains { $0.action == "copy" } == true)
        let source = try GeneratedMedia.make(
            "gap.mkv", "-i @0 -c copy -bsf:a noise=amount=0:drop='between(pts*tb\\,1\\,1.999)'", from: whole)
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(run.plan?.decisions.contains { $0.reason.contains("gap") } == true)
        let lines = try Program.run(
            "ffprobe", ["-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0", run.output.path])
        let times = String(decoding: lines.output, as: UTF8.self).split(separator: "\n").compactMap { Double($0.split(separator: ",")[0]) }
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 < 0.05 })
    }

    /// A gap becomes silence of its length.
    @Test func gapBecomesSilence() throws {
        let whole = try GeneratedMedia.make("whole.mkv", "\(Lavfi.tone(seconds: 4)) -c:a pcm_s16le")
        let source = try GeneratedMedia.make(
            "gap.mkv", "-i @0 -c copy -bsf:a noise=amount=0:drop='between(pts*tb\\,1\\,1.999)'", from: whole)
        let run = try MediaRun()(source, profile: Self.plain())
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        #expect(sound.isContiguous)
        #expect(sound.rms(from: 1.1, to: 1.9) < 0.001)
        #expect(sound.rms(from: 2.1, to: 3.9) > 0.08)
        #expect(abs(sound.end - 4) < 0.06)
    }

    /// Times that are rounded to milliseconds are no reason to stretch anything.
    @Test func roundedTimesDoNoHarm() throws {
        let source = try GeneratedMedia.make("rounded.mkv", "\(Lavfi.tone(441, rate: 44_100, seconds: 10)) -c:a pcm_s16le")
        let run = try MediaRun()(source, profile: Self.plain())
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        // One phase over ten seconds: a single sample more or less would show.
        #expect(abs(sound.amplitude(441, from: 0.1, to: 9.9) - 0.125) < 0.003)
        #expect(abs(sound.rms(from: 0.1, to: 9.9) - 0.125 * Self.half) < 0.002)
    }

    /// What an encoder puts in front of the sound is not heard, and nothing is missing: a click stays where it was.
    @Test(arguments: [
        ("delay.mp3", "-c:a libmp3lame -b:a 128k"), ("delay.m4a", "-c:a aac -b:a 128k"), ("delay.webm", "-c:a libopus -b:a 96k"),
        ("delay.ogg", "-c:a libvorbis"), ("delay.opus", "-c:a libopus"), ("delay.mp4", "-c:a libopus"),
        ("delay.flac", "-c:a flac"),
    ])
    func encoderDelayIsHonoured(_ name: String, _ encoding: String) throws {
        let source = try GeneratedMedia.make(
            name, "-f lavfi -i aevalsrc='0.6*sin(2*PI*1000*t)*between(t\\,0.5\\,0.6)+0.0001*sin(2*PI*300*t)':s=48000:d=1 \(encoding)")
        let run = try MediaRun()(source, profile: Self.plain())
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        // An MP3 stays as it is, and says itself what its encoder put in front.
        let isKept = !outcome.isRewritten
        #expect(!isKept || name == "delay.mp3")
        let sound = try DecodedSound(isKept ? source : run.output)
        #expect(isKept || abs(sound.start) < 0.0015)
        // What a kept MP3's own table tells to leave out lies before its first sample.
        #expect(abs((sound.onset(from: 0.1, level: 0.3) ?? 0) - (isKept ? sound.start : 0) - 0.5) < 0.004)
        #expect(abs(Double(outcome.duration) / 1e6 - 1) < 0.03)
    }

    /// The layout and rate of a stream may change on the way.
    @Test func layoutMayChangeOnTheWay() throws {
        let mono = try GeneratedMedia.make("a.ts", "\(Lavfi.tone(rate: 44_100)) -c:a mp2 -ac 1 -muxdelay 0")
        let stereo = try GeneratedMedia.make(
            "b.ts", "\(Lavfi.tone(rate: 48_000)) -c:a mp2 -ac 2 -muxdelay 0 -output_ts_offset 1.0")
        let both = try GeneratedMedia.write("both.ts", try Data(contentsOf: mono) + Data(contentsOf: stereo))
        let run = try MediaRun()(both, profile: Self.plain())
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(abs(Double(outcome.duration) / 1e6 - 2) < 0.1)
        let sound = try DecodedSound(run.output)
        #expect(sound.amplitude(440, from: 0.2, to: 0.8) > 0.08)
        #expect(sound.amplitude(440, from: 1.2, to: 1.8) > 0.08)
    }
}
