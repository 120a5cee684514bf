import Foundation
import MediaWire
import Testing

/// A coloured corner tells how a picture lies.
@Suite struct OrientationTests {
    /// The four quarters of the picture as filmed: red, green, blue, white, left to right, then down.
    static let filmed = ["red", "lime", "blue", "white"]

    /// A display matrix by its four numbers, and where the filmed corners must be seen.
    struct Case: CustomTestStringConvertible {
        var name: String
        /// a, b, c, d: a point (x, y) of the film is shown at (a·x + c·y, b·x + d·y), y downwards.
        var matrix: (Int, Int, Int, Int)
        /// What is seen, left to right, then down.
        var seen: [String]
        var isTurned = false
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "upright", matrix: (1, 0, 0, 1), seen: ["red", "lime", "blue", "white"]),
        Case(name: "90° clockwise", matrix: (0, 1, -1, 0), seen: ["blue", "red", "white", "lime"], isTurned: true),
        Case(name: "180°", matrix: (-1, 0, 0, -1), seen: ["white", "blue", "lime", "red"]),
        Case(name: "270° clockwise", matrix: (0, -1, 1, 0), seen: ["lime", "white", "red", "blue"], isTurned: true),
        Case(name: "mirrored", matrix: (-1, 0, 0, 1), seen: ["lime", "red", "white", "blue"]),
        Case(name: "upside down", matrix: (1, 0, 0, -1), seen: ["blue", "white", "red", "lime"]),
        Case(name: "transposed", matrix: (0, 1, 1, 0), seen: ["red", "blue", "lime", "white"], isTurned: true),
        Case(name: "anti-transposed", matrix: (0, -1, -1, 0), seen: ["white", "lime", "blue", "red"], isTurned: true),
    ]

    @Test(arguments: cases) func cornersAreWhereTheyWereSeen(_ test: Case) throws {
        let source = try Self.film(matrix: test.matrix)
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.width == (test.isTurned ? 96 : 128))
        #expect(outcome.height == (test.isTurned ? 128 : 96))
        let video = try DecodedVideo(run.output)
        #expect((video.width, video.height) == (outcome.width, outcome.height))
        #expect(Self.corners(video) == test.seen)
        // No matrix is left that a player would apply a second time.
        #expect(try ProbedFile(run.output).video?.side_data_list?.contains { $0.side_data_type == "Display Matrix" } != true)
        let poster = try DecodedVideo(run.poster, format: "yuvj444p")
        #expect((poster.width, poster.height) == (video.width, video.height))
        #expect(Self.corners(poster, coding: .jpeg) == test.seen)
    }

    @Test func probeTellsTheTurn() throws {
        let run = try MediaRun()(try Self.film(matrix: (0, 1, -1, 0)), task: .probe)
        let picture = try #require(run.info?.streams.first?.picture)
        #expect(picture.rotation == 90)
        #expect(!picture.isMirrored)
        #expect((picture.width, picture.height) == (128, 96))
    }

    /// Four quarters in 128 × 96, with this matrix written into its track header.
    static func film(matrix: (Int, Int, Int, Int)) throws -> URL {
        let boxes = zip(filmed, [(0, 0), (64, 0), (0, 48), (64, 48)])
            .map { "drawbox=x=\($1.0):y=\($1.1):w=64:h=48:t=fill:c=\($0)" }.joined(separator: ",")
        let plain = try GeneratedMedia.make(
            "filmed.mp4", "-f lavfi -i color=c=black:s=128x96:r=10:d=0.5,\(boxes) \(Lavfi.h264) -crf 10")
        var bytes = [UInt8](try Data(contentsOf: plain))
        // The track header's matrix stands 40 bytes behind its version: ISO/IEC 14496-12, 8.3.2.
        let header = try #require(bytes.firstRange(of: Array("tkhd".utf8)))
        let numbers = [
            matrix.0 << 16, matrix.1 << 16, 0, matrix.2 << 16, matrix.3 << 16, 0, 0, 0, 1 << 30,
        ].map { UInt32(bitPattern: Int32($0)) }
        let place = header.upperBound + 40
        bytes.replaceSubrange(
            place..<place + 36,
            with: numbers.flatMap { [UInt8($0 >> 24), UInt8($0 >> 16 & 255), UInt8($0 >> 8 & 255), UInt8($0 & 255)] })
        return try GeneratedMedia.write("film.mp4", bytes)
    }

    static func corners(_ video: DecodedVideo, coding: ColorCoding = .bt709) -> [String] {
        let (w, h) = (video.width / 2, video.height / 2)
        return [(0, 0), (w, 0), (0, h), (w, h)].map { x, y in
            let color = video.color(x: x + w / 4, y: y + h / 4, width: w / 2, height: h / 2, coding: coding)
            switch (color.red > 0.5, color.green > 0.5, color.blue > 0.5) {
            case (true, false, false): return "red"
            case (false, true, false): return "lime"
            case (false, false, true): return "blue"
            case (true, true, true): return "white"
            default: return "\(color)"
            }
        }
    }
}
