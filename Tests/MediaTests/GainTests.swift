import Foundation
import MediaWire
import Testing

/// What a recording gains only on the way is not lost for its beginning.
@Suite struct GainTests {
    static let mono = "-f lavfi -i sine=500:sample_rate=44100:duration=2 -ac 1"
    static let stereo = "-f lavfi -i aevalsrc='0.4*sin(2*PI*500*t)|0.4*sin(2*PI*900*t)':s=44100:d=2"

    /// One channel, then two: left and right are apart in the second part.
    @Test(arguments: [
        ("g.aac", "-c:a aac -b:a 96k"), ("g.ogg", "-c:a libvorbis"), ("g.opus", "-ar 48000 -c:a libopus"), ("g.oga", "-c:a flac"), ("g.ac3", "-c:a ac3"),
        ("g.ts", "-c:a mp2"), ("g.ts", "-c:a aac"), ("g.flv", "-c:a aac"),
    ])
    func oneChannelThenTwo(_ name: String, _ encoding: String) throws {
        let recipes = ["\(Self.mono) \(encoding)", "\(Self.stereo) \(encoding)"]
        let source =
            switch name {
            case "g.ts": try JoinedFilm.transportStream(recipes, each: 2)
            case "g.flv": try JoinedFilm.flash(recipes, each: 2)
            default: try JoinedFilm.plain(name, recipes)
            }
        let run = try MediaRun()(source, subject: .audio)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        #expect(sound.amplitude(500, 0, from: 0.5, to: 1.5) > 0.02 && sound.amplitude(500, 1, from: 0.5, to: 1.5) > 0.02)
        let (left, right) = ((sound.amplitude(500, 0, from: 2.5, to: 3.5), sound.amplitude(900, 0, from: 2.5, to: 3.5)),
            (sound.amplitude(500, 1, from: 2.5, to: 3.5), sound.amplitude(900, 1, from: 2.5, to: 3.5)))
        #expect(left.0 > 0.1 && left.1 < left.0 / 10, "left \(left)")
        #expect(right.1 > 0.1 && right.0 < right.1 / 10, "right \(right)")
    }

    /// 16 kHz, then 44.1: the second part has its 12 kHz.
    @Test func lowRateThenHigh() throws {
        let parts = ["-f lavfi -i sine=500:sample_rate=16000:duration=2 -c:a aac", "-f lavfi -i sine=12000:sample_rate=44100:duration=2 -af volume=6dB -c:a aac"]
        let run = try MediaRun()(try JoinedFilm.plain("g.aac", parts), subject: .audio)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(try DecodedSound(run.output).amplitude(12_000, from: 2.6, to: 3.4) > 0.05)
    }

    /// A transport stream whose picture begins, in a new table of its streams, farther on than FFmpeg looks by itself.
    @Test(arguments: ["late.ts", "late.flv"]) func pictureThatBeginsLate(_ name: String) throws {
        let noise = "-f lavfi -i anoisesrc=r=48000:d=160:a=0.3 -ac 2 -c:a mp2 -b:a 384k"
        let film = "-f lavfi -i testsrc2=s=160x120:r=25:d=6 -f lavfi -i sine=880:sample_rate=48000:duration=6 -map 0:v -map 1:a"
        let source: URL
        if name == "late.ts" {
            source = try JoinedFilm.transportStream([
                try GeneratedMedia.make("a.ts", "\(noise) -streamid 0:300"),
                try GeneratedMedia.make("b.ts", "\(film) -c:v mpeg2video -c:a mp2 -streamid 0:301 -streamid 1:300 -output_ts_offset 160"),
            ])
        } else {
            let sound = "-c:a libmp3lame -b:a 320k -ar 44100 -ac 2"
            source = try JoinedFilm.flash(["-f lavfi -i anoisesrc=r=44100:d=160:a=0.3 \(sound)", "\(film) -c:v flv \(sound)"], each: 160)
        }
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.fileExtension == "mp4" && (140...152).contains(outcome.frames), "\(outcome.frames) \(CopyTests.decisions(run))")
        #expect(abs(Double(outcome.duration) / 1e6 - 166) < 0.5, "\(outcome.duration)")
        // The first picture is shown from the start.
        let video = try DecodedVideo(run.output, gray: true)
        #expect(abs(video.times[1] - 160) < 0.2, "\(video.times.prefix(3))")
    }
}
