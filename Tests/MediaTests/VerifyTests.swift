import Foundation
import MediaWire
import Testing

@Suite struct VerifyTests {
    /// H.264 and AAC in MP4, and bytes overwritten somewhere in the film.
    static func damaged(_ name: String, at share: Double, count: Int = 400) throws -> URL {
        let whole = try GeneratedMedia.make(
            name, "\(Lavfi.test("320x240", seconds: 4)) \(Lavfi.tone(seconds: 4)) \(Lavfi.h264) -g 25 \(Lavfi.aac) -movflags +faststart -fflags +bitexact")
        var bytes = try Data(contentsOf: whole)
        let place = Int(Double(bytes.count) * share)
        for index in 0..<count { bytes[place + index] = UInt8(truncatingIfNeeded: index &* 91 &+ 17) }
        return try GeneratedMedia.write(name, bytes)
    }

    /// A stream that looks right by its header but does not decode is not copied, and the file is not kept.
    @Test(arguments: [0.15, 0.3, 0.5, 0.7, 0.9]) func damagedStreamIsNotPassedOn(_ share: Double) throws {
        var profile = Profile()
        profile.verify = .full
        let source = try Self.damaged("d.mp4", at: share)
        let run = try MediaRun()(source, profile: profile)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.isRewritten, "\(CopyTests.decisions(run))")
        try expectDecodesCleanly(run.output)
        #expect(Double(outcome.duration) / 1e6 > 3.8)
    }

    /// The keyframes of a copied stream are decoded in any case.
    @Test func damagedKeyframeIsFound() throws {
        let whole = try GeneratedMedia.make(
            "k.mp4", "\(Lavfi.test("320x240", seconds: 4)) \(Lavfi.h264) -g 25 -movflags +faststart -fflags +bitexact")
        let ending = try Program.run("ffprobe", ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pos,size,flags", "-of", "csv=p=0", whole.path])
        let keyframes = String(decoding: ending.output, as: UTF8.self).split(separator: "\n").filter { $0.contains("K") }
        let parts = try #require(keyframes.dropFirst(2).first).split(separator: ",")
        var bytes = try Data(contentsOf: whole)
        let (size, place) = (try #require(Int(parts[0])), try #require(Int(parts[1])))
        for index in 40..<min(size - 4, 2000) { bytes[place + index] = UInt8(truncatingIfNeeded: index &* 91 &+ 17) }
        let run = try MediaRun()(try GeneratedMedia.write("k.mp4", bytes))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.isRewritten, "\(CopyTests.decisions(run))")
        try expectDecodesCleanly(run.output)
    }

    /// The quick look is at the beginning, the middle and the end: pictures between keyframes are decoded there.
    @Test(arguments: [(name: "first.mp4", time: 0.1), ("middle.mp4", 2.1), ("last.mp4", 3.9)])
    func theQuickLookFindsDamage(_ place: (name: String, time: Double)) throws {
        let whole = try GeneratedMedia.make(
            place.name, "\(Lavfi.test("320x240", seconds: 4)) \(Lavfi.h264) -g 25 -movflags +faststart -fflags +bitexact")
        let list = try Program.run("ffprobe", ["-v", "error", "-show_entries", "packet=pts_time,size,pos,flags", "-of", "csv=p=0", whole.path])
        let packets = String(decoding: list.output, as: UTF8.self).split(separator: "\n").map { $0.split(separator: ",") }
        // The largest that is no keyframe: what is wrong in a small one may make sense all the same.
        let near = packets.filter { abs(Double($0[0])! - place.time) < 0.09 && !$0[3].contains("K") }
        let packet = try #require(near.max { Int($0[1])! < Int($1[1])! })
        let (size, position) = (try #require(Int(packet[1])), try #require(Int(packet[2])))
        var bytes = try Data(contentsOf: whole)
        for index in 12..<size { bytes[position + index] = UInt8(truncatingIfNeeded: index &* 91 &+ 17) }
        let run = try MediaRun()(try GeneratedMedia.write(place.name, bytes))
        #expect(try #require(run.outcome, "\(String(describing: run.failure))").isRewritten, "\(CopyTests.decisions(run))")
        try expectDecodesCleanly(run.output)
    }

    /// What is copied or kept is decoded as a whole: damage between keyframes, far from where the quick look is.
    @Test(arguments: ["far.mp4", "far.mkv", "far.ts"], [7.3, 22.9]) func damageBetweenKeyframesIsFound(_ file: String, _ time: Double) throws {
        let whole = try GeneratedMedia.make(
            file, "\(Lavfi.test("320x240", seconds: 30)) \(Lavfi.tone(seconds: 30)) \(Lavfi.h264) \(Lavfi.aac) -movflags +faststart")
        let list = try Program.run(
            "ffprobe", ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,size,pos,flags", "-of", "csv=p=0", whole.path])
        let packets = String(decoding: list.output, as: UTF8.self).split(separator: "\n").map { $0.split(separator: ",") }
        let start = packets.compactMap { Double($0[0]) }.min() ?? 0
        let near = packets.filter { abs(Double($0[0])! - start - time) < 0.1 && !$0[3].contains("K") }
        let packet = try #require(near.max { Int($0[1])! < Int($1[1])! })
        let (size, position) = (try #require(Int(packet[1])), try #require(Int(packet[2])))
        var bytes = try Data(contentsOf: whole)
        // In a transport stream, of the packet's first piece the second half.
        let places = file.hasSuffix("ts") ? 90..<180 : 20..<size
        for index in places { bytes[position + index] = UInt8(truncatingIfNeeded: index &* 91 &+ 17) }
        let run = try MediaRun()(try GeneratedMedia.write(file, bytes))
        #expect(try #require(run.outcome, "\(String(describing: run.failure))").isRewritten)
        #expect(run.plan?.decisions.contains { $0.stream == 0 && $0.action.hasPrefix("encode") } == true, "\(CopyTests.decisions(run))")
        try expectDecodesCleanly(run.output)
    }

    /// Every output has its index in front, rising times, and starts at zero.
    @Test(arguments: [Verification.quick, .full]) func outputIsWhole(_ verification: Verification) throws {
        var profile = Profile()
        profile.verify = verification
        for (name, encoding) in [("a.mkv", "-c:v mpeg4 -c:a flac"), ("b.mkv", "\(Lavfi.h264) \(Lavfi.aac)"), ("c.ts", "\(Lavfi.h264) -c:a mp2")] {
            let source = try GeneratedMedia.make(name, "\(Lavfi.test(seconds: 3)) \(Lavfi.tone(seconds: 3)) \(encoding)")
            let run = try MediaRun()(source, profile: profile)
            _ = try #require(run.outcome, "\(String(describing: run.failure))")
            try expectDecodesCleanly(run.output)
            let bytes = try Data(contentsOf: run.output)
            let index = try #require(bytes.firstRange(of: Data("moov".utf8))), film = try #require(bytes.firstRange(of: Data("mdat".utf8)))
            #expect(index.lowerBound < film.lowerBound)
            #expect(bytes[4..<8].elementsEqual("ftyp".utf8))
            let times = try DecodedVideo(run.output, gray: true).times
            // A copied picture may begin as late as it did: some containers shift it by the sound encoder's delay.
            #expect((times.first ?? 1) <= 0.025)
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
            let file = try ProbedFile(run.output)
            #expect(abs((Double(file.audio?.duration ?? "") ?? 0) - 3) < 0.08)
            #expect(abs((Double(file.video?.duration ?? "") ?? 0) - 3) < 0.08)
        }
    }

    /// Keyframes are at most as far apart as the profile says, and groups are closed.
    @Test func keyframesAreWhereTheProfileWants() throws {
        let source = try GeneratedMedia.make("k.mkv", "\(Lavfi.test(seconds: 7)) -c:v mpeg4 -q:v 4")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let ending = try Program.run("ffprobe", ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", run.output.path])
        let keys = String(decoding: ending.output, as: UTF8.self).split(separator: "\n").filter { $0.contains("K") }
            .compactMap { Double($0.split(separator: ",")[0]) }
        #expect(keys.count >= 4)
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $1 - $0 <= 2.05 })
    }

    /// The same source gives the same file, to the byte: nothing of the clock or the machine is in it. (The picture is
    /// copied, for x264 with a bound on its bitrate and several threads is not repeatable to the bit.)
    @Test func outputIsReproducible() throws {
        let source = try GeneratedMedia.make("r.mov", "\(Lavfi.test()) \(Lavfi.tone()) \(Lavfi.h264) -c:a pcm_s16le")
        let (one, two) = (try MediaRun()(source), try MediaRun()(source))
        #expect(try Data(contentsOf: one.output) == Data(contentsOf: two.output))
        #expect(try Data(contentsOf: one.poster) == Data(contentsOf: two.poster))
        #expect(try !Data(contentsOf: one.output).isEmpty)
    }

    /// Progress only grows, and ends where the file does.
    @Test func progressGrows() throws {
        let source = try GeneratedMedia.make("g.mkv", "\(Lavfi.test(seconds: 3)) \(Lavfi.tone(seconds: 3)) -c:v mpeg4 -c:a flac")
        let run = try MediaRun()(source)
        let steps = run.messages.compactMap { if case .progress(let progress) = $0 { progress } else { nil } }
        // How many words there are is a matter of the wall clock; each phase is heard of.
        #expect(Set(steps.map(\.phase)) == Set(MediaProgress.Phase.allCases))
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.packets <= $1.packets && $0.frames <= $1.frames && $0.done <= $1.done })
        #expect(abs(Double(steps.last?.done ?? 0) / 1e6 - 3) < 0.1)
        #expect(steps.last?.total.map { abs(Double($0) / 1e6 - 3) < 0.1 } == true)
    }
}
