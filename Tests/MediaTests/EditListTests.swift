import Foundation
import MediaWire
import Testing
import Verdicts

/// Edit lists put a film together of several parts of what is stored.
@Suite struct EditListTests {
    typealias Edit = EditedFile.Edit

    struct Case: CustomTestStringConvertible {
        var name: String
        /// What the picture shows, and what is heard; nil: all that is stored.
        var picture: [Edit]?
        var sound: [Edit]?
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "the middle left out", [(2, 0), (3, 5)]),
        Case(name: "between keyframes and between pictures", [(2.52, 0.2), (3, 5.72)]),
        Case(name: "cuts within a picture", [(1.51, 0.33), (1.49, 4.17), (1.2, 7.01)]),
        Case(name: "a part twice", [(3, 1), (3, 1)]),
        Case(name: "the end first", [(3, 5.4), (3, 1.28)]),
        Case(name: "five parts", [(1, 0), (1, 2.2), (1, 4.4), (1, 6.6), (1, 8.8)]),
        Case(name: "many short parts", (0..<12).map { (0.6, Double($0) * 0.78) }),
        Case(name: "a pause at the beginning", [(1, nil), (2, 2), (2, 6.2)]),
        Case(name: "a pause on the way", [(2, 0), (1, nil), (2, 3.08)]),
        Case(name: "the sound in one part", picture: [Edit(duration: 2, media: 0), Edit(duration: 2, media: 2)], sound: [Edit(duration: 4, media: 0)]),
        Case(name: "the picture in one part", picture: [Edit(duration: 4, media: 0)], sound: [Edit(duration: 1.5, media: 0), Edit(duration: 2.5, media: 1.5)]),
    ]

    @Test(arguments: cases, [
        ("e.mp4", "\(Lavfi.h264) -bf 3 -c:a aac"), ("e.mp4", "\(SyncTests.hevc):bframes=4 -tag:v hvc1 -c:a aac"),
        ("e.mov", "-c:v mpeg4 -bf 2 -g 50 -q:v 3 -c:a pcm_s16le"),
    ])
    func partsKeepTheirTimes(_ test: Case, _ film: (file: String, encoding: String)) throws {
        let whole = try MarkedFilm.make(film.file, film.encoding, seconds: 10)
        let source = try GeneratedMedia.write(film.file, try EditedFile(whole).with(picture: test.picture, sound: test.sound))
        let run = try DisplayTimeTests.convert(source)
        let picture = test.picture ?? [], sound = test.sound ?? []
        let video = try DecodedVideo(run.output, gray: true)
        let numbers = FrameCounter.numbers(video)
        let start = min(Self.shown(picture).first?.start ?? 0, Self.shown(sound).first?.start ?? 0)
        // The first picture is shown from the beginning on.
        let shown = Self.shown(picture)
        for (index, number) in numbers.enumerated() where index > 0 {
            let time = video.times[index] + start
            guard let part = shown.last(where: { $0.start <= time + 0.0015 }) else {
                Issue.record("a picture at \(time)")
                continue
            }
            let wanted = (time - part.start + part.media) * 25
            #expect(abs(Double(number ?? -9) - wanted) < 1.05 && Double(number ?? -9) < wanted + 0.1, "picture \(number ?? -9) at \(time), where \(wanted) belongs")
        }
        let least = picture.reduce(0) { $0 + ($1.media == nil ? 0 : Int($1.duration * 25)) }
        #expect((least...least + 2 * picture.count).contains(numbers.count), "\(numbers.count) of \(least)")
        Self.expectMarks(try SecondMarks(run.output), picture, sound, start)
        let end = max(Self.end(picture), Self.end(sound)) - start
        #expect(abs(Double(try #require(run.outcome).duration) / 1e6 - end) < 0.06)
    }

    /// What plays at another speed is refused, and the reason says so.
    @Test func otherSpeed() throws {
        let whole = try MarkedFilm.make("e.mp4", "\(Lavfi.h264) -c:a aac")
        let edits = [Edit(duration: 1, media: 0), Edit(duration: 1, media: 1, rate: 2)]
        let run = try MediaRun()(try GeneratedMedia.write("e.mp4", try EditedFile(whole).with(picture: edits, sound: edits)))
        #expect(run.failure?.reason.contains("another speed") == true, "\(String(describing: run.outcome))")
    }

    /// A picture that is held for a while.
    @Test func heldPicture() throws {
        let whole = try MarkedFilm.make("e.mp4", "\(Lavfi.h264) -bf 3 -c:a aac", seconds: 4)
        let picture = [Edit(duration: 1, media: 0), Edit(duration: 1, media: 1, rate: 0), Edit(duration: 1, media: 1)]
        let run = try DisplayTimeTests.convert(
            try GeneratedMedia.write("e.mp4", try EditedFile(whole).with(picture: picture, sound: [Edit(duration: 3, media: 0)])))
        let video = try DecodedVideo(run.output, gray: true)
        let numbers: [Int?] = Array(0..<25) + [25] + Array(25..<50)
        let times: [Double] = (0..<75).filter { $0 <= 25 || $0 >= 50 }.map { Double($0) / 25 }
        #expect(FrameCounter.numbers(video) == numbers)
        #expect(video.times.count == 51, "\(video.times)")
        #expect(zip(video.times, times).allSatisfy { pair in abs(pair.0 - pair.1) < 0.001 }, "\(video.times)")
    }

    private static func shown(_ edits: [Edit]) -> [(start: Double, media: Double, end: Double)] {
        var (start, parts): (Double, [(start: Double, media: Double, end: Double)]) = (0, [])
        for edit in edits {
            if let media = edit.media { parts.append((start, media, start + edit.duration)) }
            start += edit.duration
        }
        return parts
    }

    private static func end(_ edits: [Edit]) -> Double { edits.reduce(0) { $0 + $1.duration } }

    /// Each second that a part begins before is marked where the part plays it.
    private static func expectMarks(_ marks: SecondMarks, _ picture: [Edit], _ sound: [Edit], _ start: Double) {
        for (name, edits, found) in [("flash", picture, marks.flashes), ("beep", sound, marks.beeps)] {
            for part in shown(edits) {
                for second in 0..<10 where Double(second) > part.media + 0.15 && Double(second) < part.media + part.end - part.start - 0.15 {
                    let wanted = part.start - start + Double(second) - part.media
                    let nearest = found.map { abs($0 - wanted) }.min() ?? .infinity
                    #expect(nearest <= (name == "flash" ? 0.002 : 0.010), "no \(name) at \(wanted): \(found)")
                }
            }
        }
    }
}

extension EditListTests.Case {
    init(name: String, _ edits: [(Double, Double?)]) {
        let edits = edits.map { EditedFile.Edit(duration: $0.0, media: $0.1) }
        self.init(name: name, picture: edits, sound: edits)
    }
}
