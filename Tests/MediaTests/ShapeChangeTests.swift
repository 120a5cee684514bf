import Foundation
import MediaWire
import Testing

/// A film whose pictures change their shape, size, turn or fields on the way: each part is seen in its own shape.
@Suite struct ShapeChangeTests {
    /// A white box that is a square on the screen, in the middle of a dark picture of so many pixels of a shape.
    static func square(_ size: (Int, Int), _ shape: (Int, Int), _ encoding: String = x264) -> String {
        let side = size.1 / 2
        let width = side * shape.1 / shape.0
        return "-f lavfi -i color=c=0x303030:s=\(size.0)x\(size.1):r=10:d=1,drawbox=x=\((size.0 - width) / 2):y=\((size.1 - side) / 2):w=\(width):h=\(side):c=white:t=fill,setsar=\(shape.0)/\(shape.1) \(encoding)"
    }

    static let x264 = "\(Lavfi.h264) -bf 0 -crf 12"

    struct Part {
        var size: (Int, Int)
        var shape = (1, 1)
        var encoding = x264
        var recipe: String { square(size, shape, encoding) }
    }

    struct Case: CustomTestStringConvertible {
        var name: String
        var parts: [Part]
        /// Of what is seen of each part.
        var shapes: [Double]
        var isFlash = false
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "square pixels, then wide ones", parts: [Part(size: (160, 120)), Part(size: (160, 120), shape: (4, 3))], shapes: [4.0 / 3, 16.0 / 9]),
        Case(name: "wide pixels, then square ones", parts: [Part(size: (160, 120), shape: (4, 3)), Part(size: (160, 120))], shapes: [16.0 / 9, 4.0 / 3]),
        Case(name: "narrow, wide, narrow", parts: [Part(size: (160, 120), shape: (3, 4)), Part(size: (160, 120), shape: (4, 3)), Part(size: (160, 120), shape: (3, 4))], shapes: [1, 16.0 / 9, 1]),
        Case(name: "another size and shape", parts: [Part(size: (160, 120)), Part(size: (320, 180))], shapes: [4.0 / 3, 16.0 / 9]),
        Case(name: "MPEG-2", parts: [Part(size: (176, 144), shape: (12, 11), encoding: mpeg2), Part(size: (176, 144), shape: (16, 11), encoding: mpeg2)], shapes: [4.0 / 3, 16.0 / 9]),
        Case(name: "a new header in FLV", parts: [Part(size: (160, 120)), Part(size: (320, 180))], shapes: [4.0 / 3, 16.0 / 9], isFlash: true),
        Case(name: "another shape in FLV", parts: [Part(size: (160, 120)), Part(size: (160, 120), shape: (4, 3))], shapes: [4.0 / 3, 16.0 / 9], isFlash: true),
    ]

    static let mpeg2 = "-c:v mpeg2video -q:v 2"

    @Test(arguments: cases) func eachPartHasItsOwnShape(_ test: Case) throws {
        let recipes = test.parts.map(\.recipe)
        let source = test.isFlash ? try JoinedFilm.flash(recipes) : try JoinedFilm.transportStream(recipes)
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output, gray: true)
        #expect((test.parts.count * 10 - 1...test.parts.count * 10).contains(video.count))
        let frame = Double(try #require(outcome.width)) / Double(try #require(outcome.height))
        #expect(abs(frame - test.shapes[0]) < 0.03, "\(outcome.width ?? 0)x\(outcome.height ?? 0)")
        for (number, shape) in test.shapes.enumerated() {
            let picture = number * 10 + 5
            let box = Self.bounds(video, picture: picture, above: 150), seen = Self.bounds(video, picture: picture, above: 30)
            #expect(abs(Double(box.width) - Double(box.height)) <= 3, "part \(number): the square is \(box)")
            #expect(abs(Double(seen.width) / Double(seen.height) - shape) < 0.06, "part \(number): \(seen) is seen")
            // As large as the frame allows.
            #expect(video.width - seen.width <= 3 || video.height - seen.height <= 3, "part \(number): \(seen) is seen")
        }
        let poster = try DecodedVideo(run.poster, gray: true)
        let box = Self.bounds(poster, picture: 0, above: 150)
        #expect(abs(box.width - box.height) <= 3, "poster: the square is \(box)")
    }

    /// Of what is brighter, over the middle row and the middle column.
    static func bounds(_ video: DecodedVideo, picture: Int, above level: Double) -> (width: Int, height: Int) {
        let row = (0..<video.width).filter { video.luma(picture: picture, x: $0, y: video.height / 2, width: 1, height: 1) > level }
        let column = (0..<video.height).filter { video.luma(picture: picture, x: video.width / 2, y: $0, width: 1, height: 1) > level }
        return (row.count, column.count)
    }

    /// 4:3, then 16:9, as broadcasters switch: what follows has black above and below.
    @Test func broadcastSwitchesToWide() throws {
        let run = try MediaRun()(Reports.file("sar-change.mpg"))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect((outcome.width, outcome.height) == (768, 576))
        let video = try DecodedVideo(run.output, gray: true)
        #expect(video.count >= 98)
        #expect(BarCode.number(video, picture: 10) == 10)
        func luma(_ picture: Int, _ y: Int) -> Double { video.luma(picture: picture, x: 600, y: y, width: 100, height: 8) }
        #expect(luma(20, 560) > 60)
        for picture in [60, 80, 95] {
            #expect(luma(picture, 30) < 20 && luma(picture, 550) < 20, "picture \(picture) is not framed")
            #expect(luma(picture, 490) > 60, "picture \(picture) is too low")
        }
    }

    /// A phone that is turned while it films, and back, says so with the pictures (ITU-T H.264, D.2.27).
    @Test func turnsOnTheWay() throws {
        let upright = "-f lavfi -i color=c=0x303030:s=160x120:r=10:d=1,drawbox=x=65:y=30:w=30:h=60:c=white:t=fill \(Self.x264)"
        let source = try JoinedFilm.transportStream([upright, "\(upright) -bsf:v h264_metadata=display_orientation=insert:rotate=90", upright])
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output, gray: true)
        for picture in [1, 8, 11, 18, 21, 28] {
            let isTurned = (10..<20).contains(picture)
            let (width, height) = Self.bounds(video, picture: picture, above: 150)
            #expect(isTurned ? width > height * 3 / 2 : height > width * 3 / 2, "picture \(picture): \(width)x\(height)")
            #expect((Self.bounds(video, picture: picture, above: 30).width < 100) == isTurned)
        }
    }

    /// Progressive, interlaced, and progressive again: the second part has no combs, and the others keep their lines.
    @Test(arguments: [
        ("-c:v mpeg2video -q:v 2", "-flags +ildct+ilme"), ("-c:v libx264 -qp 12 -bf 0", "-x264opts tff=1"),
    ])
    func fieldsOnTheWay(_ encoding: String, _ interlaced: String) throws {
        let woven = InterlaceTests.woven.replacingOccurrences(of: "d=1.2", with: "d=1")
        let still = "-f lavfi -i nullsrc=s=160x480:r=25:d=1,format=gray,geq=lum='if(mod(Y\\,2)\\,190\\,60)',format=yuv420p,setsar=1"
        let source = try JoinedFilm.transportStream([
            "\(still) \(encoding)", "-f lavfi -i \(woven),tinterlace=interleave_top,setfield=tff \(encoding) \(interlaced)",
            "\(still) \(encoding)",
        ])
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output, gray: true)
        let lines = InterlaceTests.lineContrast(video, picture: 10)
        #expect(lines > 60, "fine lines became \(lines)")
        let moving = video.times.indices.filter { (1.2..<1.8).contains(video.times[$0]) }
        #expect(moving.count >= 14)
        for picture in moving {
            let combs = Self.combs(video, picture: picture)
            #expect(combs < 2, "picture \(picture) at \(video.times[picture]) has combs: \(combs)")
        }
        let last = try #require(video.times.indices.last { video.times[$0] < 2.8 })
        #expect(InterlaceTests.lineContrast(video, picture: last) > 60)
    }

    /// How much more neighbouring lines of one picture differ than the lines of one field do.
    static func combs(_ video: DecodedVideo, picture: Int) -> Double {
        var (near, far, count) = (0.0, 0.0, 0.0)
        for y in stride(from: 60, to: 120, by: 3) {
            for x in stride(from: 0, to: video.width, by: 2) {
                func line(_ y: Int) -> Double { video.luma(picture: picture, x: x, y: y, width: 1, height: 1) }
                near += abs(line(y) - line(y + 1))
                far += abs(line(y) - line(y + 2))
                count += 1
            }
        }
        return (near - far) / count
    }
}
