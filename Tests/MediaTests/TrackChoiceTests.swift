import Foundation
import MediaWire
import Testing

/// Which of several tracks is the film, and which tracks make its sound.
@Suite struct TrackChoiceTests {
    // MARK: Pictures

    @Test func theReportsTrackWithTheFilmInIt() throws {
        let run = try LossTests.expectAgreement(Reports.file("pixel-motion.mp4"))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect((outcome.width, outcome.height) == (320, 240))
        let film = try DecodedVideo(run.output, gray: true)
        #expect(film.count >= 70)
        #expect(BarCode.numbers(film).prefix(70).elementsEqual((0..<70).map { $0 }))
    }

    /// A larger track of stills, or of a part, is not the film: whatever the container, the order and the flags.
    @Test(arguments: [
        ("longer.mkv", "-f lavfi -i testsrc2=s=640x480:r=1:d=4", "-disposition:v:1 default -disposition:v:0 0"),
        ("first.mp4", "-f lavfi -i testsrc2=s=640x480:r=2:d=2", ""),
        ("part.mov", "-f lavfi -i testsrc2=s=640x480:r=25:d=0.6", ""), ("stills.ts", "-f lavfi -i testsrc2=s=640x480:r=1:d=3", ""),
        ("stills.avi", "-f lavfi -i testsrc2=s=640x480:r=1:d=3", "-r:v:1 1"),
    ])
    func stillsAndPartsAreNotTheFilm(_ name: String, _ other: String, _ flags: String) throws {
        let order = name == "first.mp4" ? "-map 1 -map 0" : "-map 0 -map 1"
        let source = try GeneratedMedia.make(
            name, "\(Lavfi.counted(seconds: 2)) \(other) \(order) -c:v mpeg4 -q:v 3 \(flags)")
        let run = try LossTests.expectAgreement(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect((outcome.width, outcome.height) == (320, 240), "\(outcome.remark ?? "")")
        let film = try DecodedVideo(run.output, gray: true)
        #expect(film.count >= 48 && BarCode.number(film, picture: 30) == 30, "\(film.count)")
    }

    /// Of two that hold as much, the larger one is taken.
    @Test func ofEqualTracksTheLarger() throws {
        let source = try GeneratedMedia.make(
            "two.mkv", "\(Lavfi.counted("160x120", seconds: 1)) \(Lavfi.counted(seconds: 1)) -map 0 -map 1 -c:v mpeg4 -disposition:v default")
        #expect(try LossTests.expectAgreement(source).outcome?.width == 320)
    }

    // MARK: Tracks of one channel

    @Test func theReportsTwoTracksAreLeftAndRight() throws {
        let run = try LossTests.expectAgreement(Reports.file("dualmono.mov"))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(abs(Double(outcome.duration) / 1e6 - 2) < 0.2 && outcome.remark == nil)
        try Self.expectChannels(run.output, [440, 880])
        #expect(run.plan?.decisions.contains { $0.action.contains("join with stream 2") } == true)
    }

    private static func tones(_ frequencies: [Int], delay: Double = 0) -> String {
        frequencies.map { "\(Lavfi.tone($0, seconds: 2))" }.joined(separator: " ")
    }

    private static func maps(_ count: Int) -> String { (0...count).map { "-map \($0)" }.joined(separator: " ") }

    /// Whatever the container and the codec.
    @Test(arguments: [("two.mkv", "pcm_s16le"), ("two.mov", "pcm_s24le"), ("two.mkv", "aac"), ("two.mkv", "libopus"), ("two.mxf", "pcm_s16le"), ("two.m4a", "alac")])
    func twoTracksAreLeftAndRight(_ name: String, _ codec: String) throws {
        let encoding = name == "two.mxf" ? "-c:v mpeg2video -f mxf" : "-c:v mpeg4"
        let picture = name.hasSuffix("m4a") ? "" : "\(Lavfi.test("96x64", seconds: 2)) "
        let maps = picture.isEmpty ? "-map 0 -map 1" : Self.maps(2)
        let source = try GeneratedMedia.make(
            name, "\(picture)\(Self.tones([440, 880])) \(maps) \(picture.isEmpty ? "" : encoding) -c:a \(codec) -ac 1")
        let run = try LossTests.expectAgreement(source, subject: picture.isEmpty ? .audio : .any)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        try Self.expectChannels(run.output, [440, 880])
    }

    /// Recorders of broadcasters have four and more: the programme is in the first two.
    @Test func ofFourTracksTheFirstTwo() throws {
        let source = try GeneratedMedia.make(
            "four.mov", "\(Lavfi.test("96x64", seconds: 2)) \(Self.tones([440, 880, 300, 600])) \(Self.maps(4)) -c:v mpeg4 -c:a pcm_s16le")
        let run = try LossTests.expectAgreement(source)
        try Self.expectChannels(run.output, [440, 880])
        #expect(run.plan?.decisions.count { $0.reason == "the channels of the audio are in other tracks" } == 2)
    }

    /// A track that has both channels goes before two of one, wherever it stands.
    @Test(arguments: [0, 2]) func aStereoTrackGoesBefore(_ place: Int) throws {
        var inputs = [Lavfi.tone(440, seconds: 2), Lavfi.tone(880, seconds: 2)]
        inputs.insert("-f lavfi -i aevalsrc=0.1*sin(2*PI*300*t)|0.1*sin(2*PI*600*t):d=2:s=48000", at: place)
        let source = try GeneratedMedia.make(
            "three.mkv", "\(Lavfi.test("96x64", seconds: 2)) \(inputs.joined(separator: " ")) \(Self.maps(3)) -c:v mpeg4 -c:a pcm_s16le")
        let run = try LossTests.expectAgreement(source)
        try Self.expectChannels(run.output, [300, 600])
    }

    /// Two languages are two films' sounds, and so are two tracks with names of their own.
    @Test(arguments: ["language=eng|language=deu", "title=Game|title=Microphone"]) func twoSoundsAreNotOne(_ notes: String) throws {
        let notes = notes.split(separator: "|")
        let source = try GeneratedMedia.make(
            "two.mkv",
            "\(Lavfi.test("96x64", seconds: 2)) \(Self.tones([440, 880])) \(Self.maps(2)) -c:v mpeg4 -c:a pcm_s16le"
                + " -metadata:s:a:0 \(notes[0]) -metadata:s:a:1 \(notes[1])")
        let run = try LossTests.expectAgreement(source)
        try Self.expectChannels(run.output, [440])
    }

    /// What the tracks say of their places goes before their order.
    @Test func tracksThatSayTheirPlaces() throws {
        let source = try GeneratedMedia.make(
            "two.mkv",
            "\(Lavfi.test("96x64", seconds: 2)) \(Self.tones([440, 880])) \(Self.maps(2)) -c:v mpeg4 -c:a pcm_s16le"
                + " -metadata:s:a:0 title=Right -metadata:s:a:1 title=Left")
        let run = try LossTests.expectAgreement(source)
        try Self.expectChannels(run.output, [880, 440])
    }

    /// One of them begins later and has a hole: the other's time is its own.
    @Test func eachChannelKeepsItsTime() throws {
        func beep(_ frequency: Int, at times: [Double]) -> String {
            let gates = times.map { "between(t\\,\($0)\\,\($0 + 0.2))" }.joined(separator: "+")
            return "-f lavfi -i aevalsrc='0.3*sin(2*PI*\(frequency)*t)*(\(gates))':d=3:s=48000"
        }
        let late = beep(880, at: [0.5, 1.5]).replacing("-f lavfi", with: "-itsoffset 0.5 -f lavfi")
        let source = try GeneratedMedia.make("two.mkv", "\(beep(440, at: [1, 2])) \(late) -map 0 -map 1 -t 3 -c:a pcm_s16le")
        let run = try MediaRun()(source, subject: .audio)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let sound = try DecodedSound(run.output)
        try #require(sound.samples.count == 2)
        for time in [1.0, 2.0] {
            let onsets = (0..<2).compactMap { sound.onset(from: time - 0.3, to: time + 0.3, level: 0.1, channel: $0) }
            #expect(onsets.count == 2 && abs(onsets[0] - onsets[1]) < 0.005 && abs(onsets[0] - time) < 0.02, "\(onsets)")
        }
    }

    /// Each channel has its own tone, and not the others'.
    private static func expectChannels(_ file: URL, _ frequencies: [Double], location: SourceLocation = #_sourceLocation) throws {
        let sound = try DecodedSound(file)
        try #require(sound.samples.count == frequencies.count, sourceLocation: location)
        for (channel, frequency) in frequencies.enumerated() {
            let own = sound.amplitude(frequency, channel, from: 0.5, to: 1.5)
            #expect(own > 0.04, "\(channel): \(own)", sourceLocation: location)
            for other in [440.0, 880, 300, 600] where other != frequency {
                #expect(sound.amplitude(other, channel, from: 0.5, to: 1.5) < own / 20, "\(other) in \(channel)", sourceLocation: location)
            }
        }
    }
}
