import Foundation
import MediaWire
import Testing

/// How many bits encoded sound gets, how loud its peaks are, and how short it may be.
@Suite struct AudioBitrateTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var encoding: String
        /// The result is at most so many times its source.
        var growth: Double
        var encoder: String?
        var rate = 48_000
        var seconds = 12.0
        var testDescription: String { "\(name) \(encoding)" }
    }

    static func speech(_ rate: Int, _ seconds: Double) -> String {
        "-f lavfi -i anoisesrc=color=pink:seed=3:r=\(rate):d=\(seconds):a=0.4,tremolo=f=3:d=0.9"
    }

    static let small = [
        Case(name: "note.ogg", encoding: "-ac 1 -c:a libopus -b:a 16k -application voip", growth: 2),
        Case(name: "note.webm", encoding: "-ac 1 -c:a libopus -b:a 24k", growth: 2),
        Case(name: "note.mka", encoding: "-ac 2 -c:a libopus -b:a 32k", growth: 2.2),
        Case(name: "note.opus", encoding: "-ac 1 -c:a libopus -b:a 12k", growth: 2.5),
        Case(name: "vorbis.ogg", encoding: "-ac 1 -c:a libvorbis -q:a 0", growth: 1.6),
        Case(name: "note.amr", encoding: "-ac 1 -c:a libopencore_amrnb -b:a 12.2k", growth: 2.2, encoder: "libopencore_amrnb", rate: 8_000),
        Case(name: "wide.amr", encoding: "-ac 1 -c:a libvo_amrwbenc -b:a 12.65k", growth: 2.4, encoder: "libvo_amrwbenc", rate: 16_000),
        Case(name: "speex.ogg", encoding: "-ac 1 -c:a libspeex", growth: 2, encoder: "libspeex", rate: 16_000),
        Case(name: "phone.wav", encoding: "-ac 1 -c:a pcm_mulaw", growth: 0.6, rate: 8_000),
        Case(name: "phone16.wav", encoding: "-ac 1 -c:a pcm_s16le", growth: 0.3, rate: 8_000),
        Case(name: "adpcm.wav", encoding: "-ac 1 -c:a adpcm_ima_wav", growth: 1.1, rate: 8_000),
        Case(name: "mp2.mp2", encoding: "-ac 1 -c:a mp2 -b:a 32k", growth: 1.3),
    ]

    @Test(arguments: small) func voiceStaysSmall(_ test: Case) throws {
        if let encoder = test.encoder, !GeneratedMedia.hasEncoder(encoder) { return }
        let source = try GeneratedMedia.make(test.name, "\(Self.speech(test.rate, test.seconds)) \(test.encoding)")
        let run = try MediaRun()(source, subject: .audio)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.isRewritten)
        let before = try Data(contentsOf: source).count, after = try Data(contentsOf: run.output).count
        #expect(Double(after) <= Double(before) * test.growth, "\(before) became \(after): \(CopyTests.decisions(run))")
        // Few bits, and the sound all the same: as loud as it was.
        #expect(abs(try MeasuredLoudness(run.output).integrated + 16) < 8)
        #expect(abs(Double(outcome.duration) / 1e6 - test.seconds) < 0.3)
    }

    /// What has many bits keeps the profile's, with or without a word of the container's.
    @Test(arguments: ["rich.wav", "rich.flac", "rich.ogg", "rich.webm"]) func musicKeepsItsBits(_ name: String) throws {
        let codec = ["wav": "pcm_s16le", "flac": "flac", "ogg": "libvorbis -q:a 9", "webm": "libopus -b:a 256k"][String(name.suffix(from: name.index(after: name.firstIndex(of: ".")!)))]!
        let source = try GeneratedMedia.make(
            name, "-f lavfi -i anoisesrc=color=pink:seed=3:r=48000:d=5:a=0.4 -f lavfi -i anoisesrc=color=pink:seed=5:r=48000:d=5:a=0.4 -filter_complex amerge=2 -c:a \(codec)")
        let run = try MediaRun()(source, subject: .audio)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let bits = Double(try Data(contentsOf: run.output).count) * 8 / 5
        #expect(bits > 145_000 && bits < 180_000, "\(bits): \(CopyTests.decisions(run))")
    }

    // MARK: Peaks

    /// One number that makes no sense does not silence all the others.
    @Test func oneWildSampleDoesNotSilenceTheRest() throws {
        let source = try GeneratedMedia.make(
            "wild.wav", "-f lavfi -i aevalsrc='if(eq(n\\,48000)\\,30000\\,0.2*sin(2*PI*440*t))':s=48000:d=4 -c:a pcm_f32le")
        let run = try MediaRun()(source, subject: .audio)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        #expect(sound.amplitude(440, from: 2, to: 3.8) > 0.02)
    }

    // MARK: Length

    /// What decodes counts, however short: a packet of speech, and a few samples.
    @Test(arguments: [
        ("short.wav", "-c:a pcm_s16le", 0.05), ("tiny.wav", "-c:a pcm_s16le", 0.002), ("packet.ogg", "-c:a libopus -frame_duration 20", 0.02),
        ("packet.mp3", "-c:a libmp3lame -write_xing 0", 0.05), ("packet.m4a", "-c:a aac", 0.02), ("packet.amr", "-c:a libopencore_amrnb -ar 8000", 0.02), ("packet.webm", "-c:a libopus", 0.06),
    ])
    func shortRecordingIsDone(_ name: String, _ encoding: String, _ seconds: Double) throws {
        if encoding.contains("amrnb"), !GeneratedMedia.hasEncoder("libopencore_amrnb") { return }
        let source = try GeneratedMedia.make(name, "\(Lavfi.tone(seconds: seconds)) -ac 1 \(encoding)")
        let run = try MediaRun()(source, subject: .audio)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.duration > 0 && outcome.duration < 150_000, "\(outcome.duration)")
        let result = outcome.isRewritten ? run.output : source
        #expect(try DecodedSound(result).peak() > 0.02)
        try expectDecodesCleanly(result)
    }

    // MARK: Ambisonics

    /// W and Y as RFC 8486 mixes them for two loudspeakers: what comes from the left is heard on the left.
    @Test(arguments: [4, 16, 6]) func ambisonicsBecomeStereo(_ channels: Int) throws {
        // A source at the left: Y is as W. The last two of six are stereo that goes with it.
        let others = [String](repeating: "0", count: channels - (channels == 6 ? 4 : 2)) + (channels == 6 ? ["0.1*sin(2*PI*700*t)", "0.1*sin(2*PI*900*t)"] : [])
        let parts = (["0.3*sin(2*PI*440*t)", "0.3*sin(2*PI*440*t)"] + others).joined(separator: "|")
        let source = try GeneratedMedia.make(
            "ambisonic.opus", "-f lavfi -i aevalsrc='\(parts)':s=48000:d=2:c=\(channels == 16 ? "hexadecagonal" : "\(channels)c") -c:a libopus -mapping_family 2 -b:a 300k")
        let run = try MediaRun()(source, subject: .audio, profile: SoundTests.plain())
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(try ProbedFile(run.output).audio?.channels == 2)
        let sound = try DecodedSound(run.output)
        let (left, right) = (sound.amplitude(440, 0, from: 0.3, to: 1.7), sound.amplitude(440, 1, from: 0.3, to: 1.7))
        #expect(abs(left - 0.3) < 0.03 && right < 0.02, "\(left) \(right)")
        guard channels == 6 else { return }
        #expect(sound.amplitude(700, 0, from: 0.3, to: 1.7) > 0.05 && sound.amplitude(700, 1, from: 0.3, to: 1.7) < 0.01)
        #expect(sound.amplitude(900, 1, from: 0.3, to: 1.7) > 0.05 && sound.amplitude(900, 0, from: 0.3, to: 1.7) < 0.01)
    }
}
