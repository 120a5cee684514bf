import Foundation

/// Counts pictures in the picture itself: black and white blocks along the top, one a bit, lowest first, with a
/// check row beneath that holds the opposite.
enum FrameCounter {
    static let bits = 12
    static let block = 16
    static let size = "192x64"

    /// A lavfi source whose picture number n shows n.
    static func source(rate: String, seconds: Double) -> String {
        "color=c=gray:s=\(size):r=\(rate):d=\(seconds)," + draw
    }

    /// Filters that draw the number of each picture that passes.
    static var draw: String {
        (0..<bits).map { bit in
            let place = "x=\(bit * block):w=\(block):h=\(block):t=fill"
            let isSet = "bitand(n\\,\(1 << bit))"
            return ["y=0:c=black", "y=\(block):c=white", "y=0:c=white:enable=\(isSet)", "y=\(block):c=black:enable=\(isSet)"]
                .map { "drawbox=\(place):\($0)" }.joined(separator: ",")
        }.joined(separator: ",")
    }

    /// The number in a picture; nil where it cannot be read for certain.
    static func read(_ video: DecodedVideo, picture: Int) -> Int? {
        var number = 0
        let scale = Double(video.width) / Double(bits * block)
        let (side, inset) = (Double(block) * scale, Double(block) * scale / 4)
        for bit in 0..<bits {
            let levels = [0.0, 1.0].map { row in
                video.luma(
                    picture: picture, x: Int(Double(bit) * side + inset), y: Int(row * side + inset),
                    width: Int(inset * 2), height: Int(inset * 2))
            }
            guard abs(levels[0] - levels[1]) > 100 else { return nil }
            if levels[0] > levels[1] { number |= 1 << bit }
        }
        return number
    }

    static func numbers(_ video: DecodedVideo) -> [Int?] {
        (0..<video.count).map { read(video, picture: $0) }
    }
}
