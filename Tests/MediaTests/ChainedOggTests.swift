import Foundation
import MediaWire
import Testing

/// Ogg files that were joined byte by byte, as recorders and stations do.
@Suite struct ChainedOggTests {
    @Test(arguments: [("chained.ogg", 3), ("chain2-3.2.ogg", 2)]) func chainOfTheReport(_ name: String, _ links: Int) throws {
        let run = try convert(Reports.file(name), seconds: 3.2 * Double(links))
        let beeps = try SecondMarks(run.output, hasPicture: false).beeps
        let wanted = (0..<links).flatMap { link in (1...3).map { Double(link) * 3.2 + Double($0) } }
        #expect(beeps.count == wanted.count && zip(beeps, wanted).allSatisfy { abs($0 - $1) < 0.02 }, "\(beeps)")
    }

    /// Each link has a format of its own.
    @Test(arguments: [
        ("libopus", 48_000, 1, 48_000, 2), ("libopus", 48_000, 2, 48_000, 1), ("libvorbis", 44_100, 1, 48_000, 2),
        ("libvorbis", 48_000, 2, 22_050, 1), ("flac", 48_000, 1, 44_100, 2), ("flac", 44_100, 2, 44_100, 2),
    ])
    func linksFollowOneAnother(_ codec: String, _ rate: Int, _ channels: Int, _ rate2: Int, _ channels2: Int) throws {
        let first = try GeneratedMedia.make("a.ogg", "\(Lavfi.tone(400, rate: rate, seconds: 2.5)) -ac \(channels) -c:a \(codec)")
        let second = try GeneratedMedia.make("b.ogg", "\(Lavfi.tone(700, rate: rate2, seconds: 3.1)) -ac \(channels2) -c:a \(codec)")
        let chain = try GeneratedMedia.write(
            "c.ogg", try Data(contentsOf: first) + Data(contentsOf: second) + Data(contentsOf: first))
        let run = try convert(chain, seconds: 8.1)
        let sound = try DecodedSound(run.output)
        for (tone, from, to) in [(400.0, 0.1, 2.4), (700, 2.6, 5.5), (400, 5.7, 8.0)] {
            let amplitude = sound.amplitude(tone, from: from, to: to)
            // All of it has its pitch: what is stretched falls out of step.
            #expect(amplitude > 0.9 * sound.rms(from: from, to: to) * 2.0.squareRoot() && amplitude > 0.05, "\(tone): \(amplitude)")
        }
        #expect(sound.longestSilence(from: 0.05, to: 8.0) < 0.02)
    }

    @Test func granulesThatBeginLate() throws {
        let run = try convert(Reports.file("opus-crop.ogg"), seconds: 3.2)
        let beeps = try SecondMarks(run.output, hasPicture: false).beeps
        #expect(beeps.count == 3 && zip(beeps, [1, 2, 3]).allSatisfy { abs($0 - $1) < 0.02 }, "\(beeps)")
    }

    private func convert(_ source: URL, seconds: Double, location: SourceLocation = #_sourceLocation) throws -> MediaRun {
        let run = try MediaRun()(source, subject: .audio)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))", sourceLocation: location)
        #expect(abs(Double(outcome.duration) / 1e6 - seconds) <= 0.05, "\(outcome.duration)", sourceLocation: location)
        #expect(outcome.remark == nil, sourceLocation: location)
        #expect(try ProbedFile(run.output).kinds == ["audio"], sourceLocation: location)
        return run
    }
}
