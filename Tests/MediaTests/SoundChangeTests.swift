import Foundation
import MediaWire
import Testing

/// Sound whose rate, channels or configuration change on the way: it is not copied, and each part is heard as it is.
@Suite struct SoundChangeTests {
    /// Two ADTS files of different rates, one behind the other.
    @Test func joinedADTS() throws {
        let run = try MediaRun()(Reports.file("adts-switch.aac"))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.isRewritten)
        #expect(abs(Double(outcome.duration) / 1e6 - 6.07) < 0.1, "\(outcome.duration)")
        let marks = try SecondMarks(run.output, hasPicture: false)
        marks.expect(flashes: [], beeps: [1.02, 2.02, 4.06, 5.06], within: 0.04)
        #expect(try DecodedSound(run.output).isContiguous)
    }

    /// A tone of half a second from the middle of each part.
    static func beep(_ frequency: Int = 1000, rate: Int) -> String {
        "-f lavfi -i aevalsrc='0.4*sin(2*PI*\(frequency)*t)*gte(t\\,0.5)':s=\(rate):d=1"
    }

    static let plain: [(String, [String])] = [
        ("j.aac", ["\(beep(rate: 48_000)) -ac 2 -c:a aac", "\(beep(rate: 22_050)) -ac 1 -c:a aac", "\(beep(rate: 44_100)) -ac 2 -c:a aac"]),
        ("j.aac", ["\(beep(rate: 44_100)) -ac 1 -c:a aac", "\(beep(rate: 44_100)) -ac 2 -c:a aac"]),
        ("j.mp3", ["\(beep(rate: 44_100)) -ac 2 -c:a libmp3lame -b:a 128k -id3v2_version 0 -write_xing 0", "\(beep(rate: 32_000)) -ac 1 -c:a libmp3lame -b:a 128k -id3v2_version 0 -write_xing 0"]),
        ("j.ac3", ["\(beep(rate: 48_000)) -ac 2 -c:a ac3", "\(beep(rate: 32_000)) -ac 2 -c:a ac3"]),
    ]

    /// Files without times, end to end: each beep is as long after the one before as its samples say.
    @Test(arguments: plain) func filesWithoutTimes(_ name: String, _ recipes: [String]) throws {
        let source = try JoinedFilm.plain(name, recipes)
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.isRewritten)
        let sound = try DecodedSound(run.output)
        #expect(sound.isContiguous)
        let beeps = sound.onsets(level: 0.1)
        #expect(beeps.count == recipes.count, "\(beeps)")
        for (number, beep) in beeps.enumerated() {
            // A coder's delay adds to each part, 50 ms at most.
            #expect((0...0.08 * Double(number + 1)).contains(beep - (Double(number) + 0.5)), "\(beeps)")
            // Half a second long, at its own pitch.
            let (pitch, other) = (sound.amplitude(1000, from: beep + 0.05, to: beep + 0.4), sound.amplitude(1088, from: beep + 0.05, to: beep + 0.4))
            #expect(pitch > 0.15 && other < pitch / 4, "part \(number): \(pitch) at 1000 Hz, \(other) at 1088 Hz")
        }
    }

    /// A container with times: the second part has another rate, or other channels.
    @Test(arguments: [
        ("-c:a aac -b:a 128k -ac 2", 48_000, "-c:a aac -b:a 128k -ac 1", 44_100), ("-c:a aac -b:a 128k -ac 1", 44_100, "-c:a aac -b:a 128k -ac 2", 44_100),
        ("-c:a mp2 -ac 2", 48_000, "-c:a mp2 -ac 2", 32_000),
    ], [true, false])
    func filmsWithSoundThatChanges(_ parts: (String, Int, String, Int), isFlash: Bool) throws {
        guard !isFlash || parts.0.contains("aac") else { return }
        let picture = "-f lavfi -i color=c=black:s=96x64:r=25:d=1"
        let recipes = [(parts.0, parts.1), (parts.2, parts.3)].map { encoding, rate in
            "\(picture) \(Self.beep(rate: rate)) -map 0:v -map 1:a \(Lavfi.h264) -bf 0 \(encoding)"
        }
        let source = isFlash ? try JoinedFilm.flash(recipes) : try JoinedFilm.transportStream(recipes)
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        #expect(sound.isContiguous)
        let beeps = sound.onsets(level: 0.1)
        #expect(beeps.count == 2, "\(beeps)")
        for (beep, wanted) in zip(beeps, [0.5, 1.5]) {
            #expect(abs(beep - wanted) < 0.06, "\(beeps)")
            let (pitch, other) = (sound.amplitude(1000, from: beep + 0.05, to: beep + 0.4), sound.amplitude(1088, from: beep + 0.05, to: beep + 0.4))
            #expect(pitch > 0.15 && other < pitch / 4, "\(pitch) at 1000 Hz, \(other) at 1088 Hz")
        }
    }

    /// As many channels, but others: four with one behind, then two at each side. What stands at the left is heard there.
    @Test(arguments: [("4.0", "2_2", "quad(side)"), ("3.0", "2_1", "3.0(back)")])
    func otherChannelsOfTheSameCount(_ layouts: (String, String, String)) throws {
        let isFour = layouts.0 == "4.0"
        // All channels of the first part are heard alike; in the second only one is: the side's left, else the one behind.
        let count = isFour ? 4 : 3
        let alike = (0..<count).map { _ in "0.1*sin(2*PI*500*t)" }.joined(separator: "|")
        let one = (0..<count).map { isFour ? ($0 == 2 ? "0.4*sin(2*PI*1000*t)" : "0") : ($0 == 0 ? "0.4*sin(2*PI*1000*t)" : "0") }.joined(separator: "|")
        let source = try JoinedFilm.transportStream([
            "-f lavfi -i aevalsrc='\(alike)':c=\(layouts.0):s=48000:d=1 -c:a ac3 -b:a 448k",
            "-f lavfi -i aevalsrc='\(one)':c=\(layouts.2):s=48000:d=1 -c:a ac3 -b:a 448k",
        ])
        var profile = Profile()
        profile.audio.loudness = .off
        let run = try MediaRun()(source, profile: profile)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        let (left, right) = (sound.amplitude(1000, 0, from: 1.2, to: 1.8), sound.amplitude(1000, 1, from: 1.2, to: 1.8))
        #expect(left > 0.1 && right < left / 5, "left \(left), right \(right)")
    }

    /// The loudness is that of the whole: a quiet beginning in another format does not speak for the rest.
    @Test func loudnessOfAllParts() throws {
        let parts = [("0.01", 2), ("0.4", 6)].map { level, channels in
            "-f lavfi -i aevalsrc='\(level)*sin(2*PI*500*t)':s=48000:d=4 -af pan=\(channels == 2 ? "stereo|c0=c0|c1=c0" : "5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0") -c:a ac3 -b:a 448k"
        }
        let run = try MediaRun()(try JoinedFilm.transportStream(parts, each: 4))
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        #expect(sound.peak(from: 4.5, to: 7.5) < 0.95, "it clips: \(sound.peak(from: 4.5, to: 7.5))")
        // Not turned up for its quiet beginning.
        #expect(sound.peak(from: 1, to: 3) < 0.014, "\(sound.peak(from: 1, to: 3))")
    }

    /// No hole where one part ends and the next begins.
    @Test func joinIsContinuous() throws {
        let tone = { (rate: Int, channels: Int) in "-f lavfi -i sine=1000:sample_rate=\(rate):duration=1 -af volume=4 -ac \(channels) -c:a mp2 -b:a 192k" }
        let run = try MediaRun()(try JoinedFilm.transportStream([tone(48_000, 2), tone(44_100, 1), tone(32_000, 2)]))
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        #expect(sound.isContiguous)
        #expect(sound.longestSilence(from: 0.1, to: 2.9) < 0.05, "\(sound.longestSilence(from: 0.1, to: 2.9))")
    }
}
