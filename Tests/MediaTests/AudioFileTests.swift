import Foundation
import MediaWire
import Testing
import Verdicts

@Suite struct AudioFileTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var encoding: String
        var encoder: String?
        var rate = 44_100
        var seconds = 2.0
        var testDescription: String { "\(name) \(encoding)" }
    }

    static let cases = [
        Case(name: "a.mp3", encoding: "-c:a libmp3lame -b:a 96k"),
        Case(name: "vbr.mp3", encoding: "-c:a libmp3lame -q:a 4 -id3v2_version 4"),
        Case(name: "headless.mp3", encoding: "-c:a libmp3lame -b:a 96k -write_xing 0 -id3v2_version 0"),
        Case(name: "a.wav", encoding: "-c:a pcm_s16le"), Case(name: "deep.wav", encoding: "-c:a pcm_s24le"),
        Case(name: "float.wav", encoding: "-c:a pcm_f32le"), Case(name: "u8.wav", encoding: "-c:a pcm_u8"),
        Case(name: "phone.wav", encoding: "-c:a pcm_alaw -ar 8000"), Case(name: "adpcm.wav", encoding: "-c:a adpcm_ms"),
        Case(name: "a.w64", encoding: "-c:a pcm_s16le"), Case(name: "rf.wav", encoding: "-rf64 always"),
        Case(name: "a.aiff", encoding: "-c:a pcm_s16be"), Case(name: "a.au", encoding: "-c:a pcm_s16be"),
        Case(name: "a.caf", encoding: "-c:a pcm_s16le"), Case(name: "a.flac", encoding: "-c:a flac"),
        Case(name: "a.m4a", encoding: "-c:a alac"), Case(name: "lossless.caf", encoding: "-c:a alac"),
        Case(name: "a.ogg", encoding: "-c:a libvorbis"), Case(name: "a.opus", encoding: "-c:a libopus"),
        Case(name: "flac.ogg", encoding: "-c:a flac"), Case(name: "speex.ogg", encoding: "-c:a libspeex -ar 16000", encoder: "libspeex"),
        Case(name: "a.wma", encoding: "-c:a wmav2"), Case(name: "old.wma", encoding: "-c:a wmav1"),
        Case(name: "a.amr", encoding: "-c:a libopencore_amrnb -ar 8000 -b:a 12.2k", encoder: "libopencore_amrnb"),
        Case(name: "voice.3gp", encoding: "-c:a libopencore_amrnb -ar 8000 -b:a 12.2k", encoder: "libopencore_amrnb"),
        Case(name: "wide.amr", encoding: "-c:a libvo_amrwbenc -ar 16000", encoder: "libvo_amrwbenc"),
        Case(name: "a.aac", encoding: "-c:a aac -f adts"), Case(name: "aac.m4a", encoding: "-c:a aac"),
        Case(name: "latm.ts", encoding: "-c:a aac -mpegts_flags latm"), Case(name: "a.mka", encoding: "-c:a ac3"),
        Case(name: "a.ac3", encoding: "-c:a ac3"), Case(name: "a.eac3", encoding: "-c:a eac3"),
        Case(name: "a.wv", encoding: "-c:a wavpack"), Case(name: "a.tta", encoding: "-c:a tta"),
        Case(name: "a.mp2", encoding: "-c:a mp2"), Case(name: "a.weba", encoding: "-c:a libopus -f webm"),
        Case(name: "a.avi", encoding: "-c:a libmp3lame"), Case(name: "a.flv", encoding: "-c:a libmp3lame"),
        Case(name: "a.rm", encoding: "-c:a ac3 -f rm", encoder: "ac3"), Case(name: "fragmented.m4a", encoding: "-c:a aac -movflags frag_keyframe+empty_moov+default_base_moof -frag_duration 300000"),
        Case(name: "opus.m4a", encoding: "-c:a libopus -f mp4"), Case(name: "dts.mka", encoding: "-c:a dca -strict -2"),
        Case(name: "gsm.wav", encoding: "-c:a libgsm_ms -ar 8000", encoder: "libgsm_ms"), Case(name: "g722.wav", encoding: "-c:a g722 -ar 16000"),
    ]

    @Test(arguments: cases) func becomesM4A(_ test: Case) throws {
        if let encoder = test.encoder, !GeneratedMedia.hasEncoder(encoder) { return }
        let source = try GeneratedMedia.make(test.name, "\(Lavfi.tone(rate: test.rate, seconds: test.seconds)) \(test.encoding)")
        try Self.expectTone(try MediaRun()(source, subject: .audio), seconds: test.seconds)
    }

    /// Without a site, what a file holds decides.
    @Test(arguments: ["any.flac", "any.mka"]) func soundDecidesForItself(_ name: String) throws {
        try Self.expectTone(try MediaRun()(try GeneratedMedia.make(name, "\(Lavfi.tone(seconds: 2)) -c:a flac")), seconds: 2)
    }

    /// What browsers record says nothing of its length: it is written as it is spoken.
    @Test(arguments: ["-c:a libopus -f webm", "-c:a libopus -f webm -live 1", "-c:a aac -f mp4 -movflags frag_keyframe+empty_moov+default_base_moof", "-c:a libopus -f ogg", "-c:a pcm_s16le -f wav", "-c:a aac -f adts", "-c:a flac -f flac"])
    func recordingWithoutDuration(_ encoding: String) throws {
        let words = "-v error -nostdin \(Lavfi.tone(seconds: 2)) \(encoding) -".split(separator: " ").map(String.init)
        let source = try GeneratedMedia.write("recording", try Program.run("ffmpeg", words).output)
        try Self.expectTone(try MediaRun()(source, subject: .audio), seconds: 2)
    }

    static func expectTone(_ run: MediaRun, seconds: Double, location: SourceLocation = #_sourceLocation) throws {
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))", sourceLocation: location)
        let isMP3 = outcome.mime == "audio/mpeg"
        if isMP3 {
            // It plays everywhere: KeptMP3Tests looks closer.
            #expect(outcome.fileExtension == "mp3", sourceLocation: location)
        } else {
            #expect((outcome.fileExtension, outcome.mime) == ("m4a", "audio/mp4"), sourceLocation: location)
        }
        #expect((outcome.width, outcome.height) == (nil, nil), sourceLocation: location)
        #expect(abs(Double(outcome.duration) / 1e6 - seconds) < 0.12, "\(outcome.duration)", sourceLocation: location)
        guard outcome.isRewritten else { return }
        let file = try ProbedFile(run.output)
        #expect(file.isPlayableEverywhere || isMP3, sourceLocation: location)
        #expect(file.kinds == ["audio"], sourceLocation: location)
        #expect(try DecodedSound(run.output).amplitude(440, from: 0.3, to: 1.7) > 0.05, sourceLocation: location)
    }

    /// A red cover belongs to the sound.
    static func withCover(_ name: String, _ codec: String) throws -> URL {
        try GeneratedMedia.make(
            name, "\(Lavfi.tone(seconds: 2)) -f lavfi -i color=c=red:s=120x90:r=1:d=1 -map 0 -map 1 -c:a \(codec) -c:v mjpeg -disposition:v attached_pic")
    }

    static let covers = [("cover.mp3", "libmp3lame"), ("cover.m4a", "aac"), ("cover.flac", "flac")]

    @Test(arguments: covers) func coverIsNoVideo(_ name: String, _ codec: String) throws {
        let run = try MediaRun()(try Self.withCover(name, codec), subject: .audio)
        try Self.expectTone(run, seconds: 2)
        #expect(run.info?.streams.map(\.kind).contains(.cover) == true)
        #expect(run.outcome?.posterWidth == nil)
    }

    /// A "video" upload that has only sound plays in a video element: the cover is its poster.
    @Test(arguments: covers) func soundAsVideoShowsItsCover(_ name: String, _ codec: String) throws {
        let run = try MediaRun()(try Self.withCover(name, codec), subject: .video)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect((outcome.fileExtension, outcome.mime) == ("mp4", "video/mp4"))
        #expect((outcome.width, outcome.height) == (nil, nil))
        #expect(try ProbedFile(run.output).kinds == ["audio"])
        #expect((outcome.posterWidth, outcome.posterHeight) == (120, 90))
        let poster = try DecodedVideo(run.poster, format: "yuvj444p")
        let color = poster.color(x: 40, y: 30, width: 40, height: 30, coding: .jpeg)
        #expect(Lab(color).difference(from: Lab(RGB(1, 0, 0))) < 6)
    }

    /// Without a cover a waveform is drawn: as high as the sound is loud, at its place in time.
    @Test func soundAsVideoShowsItsWaveform() throws {
        let source = try GeneratedMedia.make(
            "wave.wav", "-f lavfi -i aevalsrc='0.8*sin(2*PI*300*t)*gt(t\\,2)':s=44100:d=4")
        let run = try MediaRun()(source, subject: .video)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect((outcome.width, outcome.height) == (nil, nil))
        #expect(max(outcome.posterWidth ?? 0, outcome.posterHeight ?? 0) <= 1280)
        let poster = try DecodedVideo(run.poster, gray: true)
        // The silent half has less to see than the loud one.
        func drawn(_ from: Int, _ to: Int) -> Double {
            let background = poster.luma(picture: 0, x: 0, y: 0, width: 8, height: 8)
            let columns = stride(from: from, to: to, by: 4)
            return columns.reduce(0) { sum, x in
                sum + stride(from: 0, to: poster.height, by: 4).reduce(0) {
                    $0 + (abs(poster.luma(picture: 0, x: x, y: $1, width: 2, height: 2) - background) > 30 ? 1 : 0)
                }
            }
        }
        let half = poster.width / 2
        #expect(drawn(half, poster.width) > 3 * drawn(0, half))
    }

    /// An "audio" upload that has a real picture keeps only its sound.
    @Test(arguments: [("film.mp4", "\(Lavfi.h264) \(Lavfi.aac)"), ("film.webm", "-c:v libvpx -b:v 300k -c:a libopus"), ("film.3gp", "-c:v h263 -s 176x144 -c:a aac")])
    func pictureOfAnAudioUploadIsLeftOut(_ name: String, _ encoding: String) throws {
        let source = try GeneratedMedia.make(name, "\(Lavfi.test(seconds: 2)) \(Lavfi.tone(seconds: 2)) \(encoding)")
        let run = try MediaRun()(source, subject: .audio)
        try Self.expectTone(run, seconds: 2)
        #expect(run.outcome?.isRewritten == true)
        #expect(run.outcome?.posterWidth == nil)
    }

    /// A "video" upload without sound, and an "audio" upload without any.
    @Test func audioUploadWithoutSoundIsRefused() throws {
        let source = try GeneratedMedia.make("mute.mp4", "\(Lavfi.test()) \(Lavfi.h264)")
        #expect(try MediaRun()(source, subject: .audio).failure?.code == .noAudioVideo)
    }
}
