import Foundation
import MediaWire
import Testing
import Verdicts

/// Every kind of file that people upload as a film.
@Suite struct ContainerTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var encoding: String
        var sound = true
        /// Of 25; a codec's own start and end may cost some.
        var pictures = 24...25
        var size = "176x144"
        var testDescription: String { "\(name) \(encoding)" }
    }

    static let cases = [
        Case(name: "a.gif", encoding: "", sound: false), Case(name: "a.apng", encoding: "-plays 0 -f apng", sound: false),
        Case(name: "fragmented.mp4", encoding: "\(Lavfi.h264) \(Lavfi.aac) -movflags frag_keyframe+empty_moov -g 5"),
        Case(name: "dash.mp4", encoding: "\(Lavfi.h264) \(Lavfi.aac) -movflags cmaf+faststart -g 5"),
        Case(name: "a.ts", encoding: "\(Lavfi.h264) \(Lavfi.aac)"), Case(name: "mpeg2.ts", encoding: "-c:v mpeg2video -c:a mp2"),
        Case(name: "a.m2ts", encoding: "\(Lavfi.h264) -c:a ac3 -mpegts_m2ts_mode 1"), Case(name: "hevc.ts", encoding: "\(SyncTests.hevc) -c:a aac"),
        Case(name: "a.mpg", encoding: "-c:v mpeg1video -c:a mp2"), Case(name: "a.vob", encoding: "-c:v mpeg2video -c:a ac3"),
        Case(name: "a.avi", encoding: "-c:v mpeg4 -c:a libmp3lame"), Case(name: "mjpeg.avi", encoding: "-c:v mjpeg -pix_fmt yuvj422p -c:a pcm_s16le"),
        Case(name: "raw.avi", encoding: "-c:v rawvideo -pix_fmt yuv420p -c:a pcm_s16le"), Case(name: "huff.avi", encoding: "-c:v huffyuv -c:a pcm_s16le"),
        Case(name: "div.avi", encoding: "-c:v msmpeg4 -c:a libmp3lame"), Case(name: "h264.avi", encoding: "\(Lavfi.h264) -c:a libmp3lame"),
        Case(name: "a.flv", encoding: "-c:v flv -c:a libmp3lame"), Case(name: "h264.flv", encoding: "\(Lavfi.h264) \(Lavfi.aac)"),
        Case(name: "a.wmv", encoding: "-c:v wmv2 -c:a wmav2"), Case(name: "old.asf", encoding: "-c:v wmv1 -c:a wmav1"),
        Case(name: "a.mkv", encoding: "\(Lavfi.h264) -c:a libvorbis"), Case(name: "ffv1.mkv", encoding: "-c:v ffv1 -c:a flac"),
        Case(name: "vp8.webm", encoding: "-c:v libvpx -deadline realtime -c:a libvorbis"),
        Case(name: "vp9.webm", encoding: "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus"),
        Case(name: "av1.mp4", encoding: "-c:v libaom-av1 -cpu-used 8 -usage realtime -c:a aac"),
        Case(name: "av1.webm", encoding: "-c:v libaom-av1 -cpu-used 8 -usage realtime -c:a libopus"),
        Case(name: "prores.mov", encoding: "-c:v prores_ks -c:a pcm_s24le"), Case(name: "mjpeg.mov", encoding: "-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16be"),
        Case(name: "hevc.mov", encoding: "\(SyncTests.hevc) -tag:v hvc1 -c:a aac"), Case(name: "hevc10.mp4", encoding: "\(SyncTests.hevc) -pix_fmt yuv420p10le -c:a aac"),
        Case(name: "dnx.mov", encoding: "-c:v dnxhd -profile:v dnxhr_lb -pix_fmt yuv422p -c:a pcm_s16le", size: "256x144"),
        Case(name: "qtrle.mov", encoding: "-c:v qtrle -c:a alac"), Case(name: "cine.mov", encoding: "-c:v cinepak -c:a pcm_s16le"),
        Case(name: "svq1.mov", encoding: "-c:v svq1 -c:a adpcm_ima_qt"),
        Case(name: "a.mxf", encoding: "-c:v mpeg2video -c:a pcm_s16le -ar 48000"), Case(name: "a.3gp", encoding: "-c:v h263 -c:a aac"),
        Case(name: "mp4v.3gp", encoding: "-c:v mpeg4 -c:a aac"), Case(name: "a.ogv", encoding: "-c:v libtheora -c:a libvorbis"),
        Case(name: "a.rm", encoding: "-c:v rv20 -c:a ac3"), Case(name: "old.rm", encoding: "-c:v rv10 -c:a ac3"),
        Case(name: "a.nut", encoding: "-c:v mpeg4 -c:a libmp3lame"), Case(name: "a.h264", encoding: "\(Lavfi.h264)", sound: false),
        Case(name: "a.hevc", encoding: "\(SyncTests.hevc)", sound: false), Case(name: "a.m2v", encoding: "-c:v mpeg2video -f mpeg2video", sound: false),
        Case(name: "a.ivf", encoding: "-c:v libvpx -deadline realtime", sound: false), Case(name: "a.m4v", encoding: "-c:v mpeg4 -f m4v", sound: false),
        Case(name: "a.dv", encoding: "-c:v dvvideo -pix_fmt yuv420p -ar 48000 -ac 2", pictures: 48...50, size: "720x576"),
        Case(name: "wrong-name.jpg", encoding: "\(Lavfi.h264) \(Lavfi.aac) -f mp4"),
    ]

    @Test(arguments: cases) func becomesMP4(_ test: Case) throws {
        let inputs = test.sound ? "\(Lavfi.test(test.size)) \(Lavfi.tone(rate: 44_100))" : Lavfi.test(test.size)
        let source = try GeneratedMedia.make(test.name, "\(inputs) \(test.encoding)")
        let run = try MediaRun()(source, subject: .video)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect((outcome.fileExtension, outcome.mime) == ("mp4", "video/mp4"))
        let file = try ProbedFile(run.output)
        #expect(file.isPlayableEverywhere)
        #expect(file.kinds == (test.sound ? ["video", "audio"] : ["video"]))
        #expect("\(outcome.width ?? 0)x\(outcome.height ?? 0)" == test.size || test.size == "720x576")
        #expect(outcome.remark == nil)
        let pictures = Int(file.video?.nb_read_packets ?? "") ?? 0
        #expect(test.pictures.contains(pictures), "\(pictures) pictures")
        #expect(abs(Double(outcome.duration) / 1e6 - 1) < 0.15, "\(outcome.duration)")
        let poster = try DecodedVideo(run.poster, gray: true)
        #expect((poster.width, poster.height) == (outcome.posterWidth, outcome.posterHeight))
        if test.sound { #expect(try DecodedSound(run.output).amplitude(440, from: 0.2, to: 0.8) > 0.04) }
        if test.size == "176x144" { try Self.expectSamePicture(run.output) }
    }

    /// The tenth picture of the test film, seen from afar: four by four mean colours. What its numbers mean is a guess where
    /// nothing is tagged, so there is one for RGB, one for old television, and one for those that are tagged BT.709.
    private static let drawn: [[RGB]] = {
        let recipe = "-v error \(Lavfi.test("176x144")) -vf format=rgb24,select=eq(n\\,10) -frames:v 1 -f rawvideo -"
        let words = recipe.split(separator: " ").map(String.init)
        guard let bytes = try? Program.run("ffmpeg", words).output, bytes.count == 176 * 144 * 3 else { return [] }
        let readings: [(RGB) -> RGB] = [
            { $0 },
            { Primaries.smpte170m.convert($0.map(Transfer.display), to: .bt709).map { min(1, max(0, Transfer.undisplay($0))) } },
            { color in
                let levels = ColorCoding.bt601.encode(color).map(Double.init)
                return ColorCoding.bt709.decode(levels[0], levels[1], levels[2])
            },
        ]
        return readings.map { reading in
            var known: [Int: RGB] = [:]
            var sums = [[Double]](repeating: [0, 0, 0], count: 16)
            for pixel in 0..<176 * 144 {
                let place = pixel * 3
                let hex = Int(bytes[place]) << 16 | Int(bytes[place + 1]) << 8 | Int(bytes[place + 2])
                let color = known[hex] ?? reading(RGB(hex: hex))
                known[hex] = color
                let cell = pixel / 176 / 36 * 4 + pixel % 176 / 44
                sums[cell][0] += color.red
                sums[cell][1] += color.green
                sums[cell][2] += color.blue
            }
            return sums.map { sum in RGB(sum[0] / 1584, sum[1] / 1584, sum[2] / 1584) }
        }
    }()

    /// Nothing is swapped, torn or grey.
    static func expectSamePicture(_ output: URL, location: SourceLocation = #_sourceLocation) throws {
        let video = try DecodedVideo(output)
        let seen = (0..<16).map { video.color(picture: 10, x: $0 % 4 * 44, y: $0 / 4 * 36, width: 44, height: 36) }
        let worst = drawn.map { cells in
            zip(cells, seen).map { max(abs($0.red - $1.red), abs($0.green - $1.green), abs($0.blue - $1.blue)) }.max() ?? 1
        }
        // Fine colours bleed in 4:2:0, and there are other guesses; a mistake is far larger.
        #expect(worst.min() ?? 1 < 0.16, "\(worst)", sourceLocation: location)
    }

    @Test func anotherPictureWouldBeNoticed() {
        let swapped = (Self.drawn.first ?? []).map { RGB($0.blue, $0.green, $0.red) }
        for cells in Self.drawn {
            #expect(zip(cells, swapped).contains { max(abs($0.red - $1.red), abs($0.blue - $1.blue)) > 0.25 })
            #expect(cells.contains { max(abs($0.red - 0.5), abs($0.green - 0.5), abs($0.blue - 0.5)) > 0.25 })
        }
    }

    /// A file that was cut short is made up to the cut, and says so.
    @Test(arguments: [
        ("c.mp4", "\(Lavfi.h264) -movflags +faststart"), ("c.mkv", Lavfi.h264), ("c.webm", "-c:v libvpx -deadline realtime -b:v 500k"),
        ("c.mov", "-c:v prores_ks -movflags +faststart"), ("c.mp4", "\(SyncTests.hevc) -movflags +faststart"),
    ])
    func cutShort(_ name: String, _ encoding: String) throws {
        let whole = try GeneratedMedia.make(name, "\(Lavfi.test(seconds: 6)) \(Lavfi.tone(seconds: 6)) -g 12 \(encoding)")
        let run = try MediaRun()(try GeneratedMedia.cut(whole, to: 0.5), subject: .video)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let seconds = Double(outcome.duration) / 1e6
        #expect(seconds > 1.5 && seconds < 4.8, "\(seconds)")
        #expect(try #require(outcome.remark).contains("cut short"))
        #expect(try ProbedFile(run.output).isPlayableEverywhere)
        // What is there decodes without a complaint.
        try expectDecodesCleanly(run.output)
    }

    /// Sound alone, cut short.
    @Test(arguments: [("c.flac", "flac"), ("c.m4a", "aac -movflags +faststart"), ("c.mp3", "libmp3lame"), ("c.ogg", "libvorbis")])
    func soundCutShort(_ name: String, _ codec: String) throws {
        let whole = try GeneratedMedia.make(name, "\(Lavfi.tone(rate: 44_100, seconds: 8)) -c:a \(codec)")
        let run = try MediaRun()(try GeneratedMedia.cut(whole, to: 0.5), subject: .audio)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect((1.9...5.0).contains(Double(outcome.duration) / 1e6), "\(outcome.duration)")
        if name != "c.ogg" { #expect(outcome.remark?.contains("cut short") == true) }
    }

    /// Where no duration is promised, the size that the container gives itself still tells that something is missing.
    @Test(arguments: [("c.avi", "-c:v mpeg4 -q:v 3"), ("c.wmv", "-c:v wmv2 -q:v 3"), ("c.wav", "-vn -c:a pcm_s16le")])
    func cutShortByItsOwnSize(_ name: String, _ encoding: String) throws {
        let whole = try GeneratedMedia.make(name, "\(Lavfi.test(seconds: 6)) \(Lavfi.tone(seconds: 6)) \(encoding)")
        let run = try MediaRun()(try GeneratedMedia.cut(whole, to: 0.5))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect((2.0...4.5).contains(Double(outcome.duration) / 1e6), "\(outcome.duration)")
        #expect(outcome.remark?.contains("cut short") == true)
        #expect(try MediaRun()(whole).outcome?.remark == nil)
    }

    /// The index is at the end, and the end is missing.
    @Test func cutBeforeTheIndex() throws {
        let whole = try GeneratedMedia.make("c.mp4", "\(Lavfi.test(seconds: 2)) \(Lavfi.h264)")
        #expect(try MediaRun()(try GeneratedMedia.cut(whole, to: 0.6)).failure?.code == .truncated)
    }

    /// Share of the promise that the profile wants.
    @Test func minimumShare() throws {
        let whole = try GeneratedMedia.make("c.mkv", "\(Lavfi.test(seconds: 6)) \(Lavfi.h264)")
        var profile = Profile()
        profile.minimumShare = 0.9
        #expect(try MediaRun()(try GeneratedMedia.cut(whole, to: 0.5), profile: profile).failure?.code == .damaged)
        #expect(try MediaRun()(whole, profile: profile).outcome != nil)
    }

    /// Damage in the middle costs pictures, not the film.
    @Test(arguments: ["d.mkv", "d.ts", "d.mp4", "d.avi"]) func damagedInTheMiddle(_ name: String) throws {
        let whole = try GeneratedMedia.make(
            name, "\(Lavfi.test(seconds: 4)) \(Lavfi.tone(seconds: 4)) -c:v mpeg4 -q:v 4 -g 10 -c:a libmp3lame")
        var bytes = try Data(contentsOf: whole)
        let middle = bytes.count / 2
        for index in 0..<2000 { bytes[middle + index] = UInt8(truncatingIfNeeded: index &* 37 &+ 11) }
        let run = try MediaRun()(try GeneratedMedia.write(name, bytes))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(Double(outcome.duration) / 1e6 > 3.3, "\(outcome.duration)")
        try expectDecodesCleanly(run.output)
    }

    /// A film whose sound never decodes is done, and says so; one whose picture never does fails.
    @Test(arguments: ["v", "a"]) func streamOfNoise(_ kind: String) throws {
        let whole = try GeneratedMedia.make(
            "noise.mkv", "\(Lavfi.test(seconds: 2)) \(Lavfi.tone(seconds: 2)) -c:v mpeg4 -c:a libopus")
        let source = try GeneratedMedia.make("noise.mkv", "-i @0 -c copy -bsf:\(kind) noise=amount=3", from: whole)
        let run = try LossTests.expectAgreement(source)
        if kind == "v", let failure = run.failure {
            return #expect(failure.code == .damaged && failure.reason.contains("mpeg4"), "\(failure)")
        }
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        try expectDecodesCleanly(run.output)
        let kinds = try ProbedFile(run.output).kinds
        #expect(kinds.contains("video") && (kinds.contains("audio") || outcome.remark?.contains("opus") == true), "\(kinds)")
    }

    /// A photo with a film behind it, as phones take them.
    @Test func motionPhoto() throws {
        let photo = try GeneratedMedia.make("p.jpg", "-f lavfi -i color=c=green:s=160x120:d=1 -frames:v 1")
        let film = try GeneratedMedia.make("f.mp4", "\(Lavfi.test()) \(Lavfi.h264)")
        let size = try Data(contentsOf: film).count
        let note = Array("http://ns.adobe.com/xap/1.0/\u{0}<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description xmlns:GCamera=\"http://ns.google.com/photos/1.0/camera/\" GCamera:MotionPhoto=\"1\" GCamera:MicroVideo=\"1\" GCamera:MicroVideoOffset=\"\(size)\"/></rdf:RDF></x:xmpmeta>".utf8)
        let picture = [UInt8](try Data(contentsOf: photo))
        let segment = [0xFF, 0xE1, UInt8((note.count + 2) >> 8), UInt8((note.count + 2) & 255)] + note
        let source = try GeneratedMedia.write("photo.jpg", picture[0..<2] + segment + picture[2...] + [UInt8](Data(contentsOf: film)))
        let run = try MediaRun()(source, subject: .video)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.frames == 25)
    }
}

/// The whole output decodes, and FFmpeg has nothing to complain of.
func expectDecodesCleanly(_ file: URL, location: SourceLocation = #_sourceLocation) throws {
    let ending = try Program.run(
        "ffmpeg", ["-v", "error", "-nostdin", "-err_detect", "crccheck+bitstream+buffer", "-i", file.path, "-f", "null", "-"])
    #expect(ending.errors == "", sourceLocation: location)
}
