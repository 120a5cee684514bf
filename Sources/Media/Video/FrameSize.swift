internal import CFFmpeg

/// The size of the output: upright, with square pixels, even, within the profile's limit and never enlarged.
struct FrameSize: Equatable {
    var width: Int
    var height: Int
    /// Whether it is only cropped (at most one pixel per side), without scaling.
    var isCropOnly = false

    /// A pixel aspect ratio beyond this is an error in the file, and ignored.
    private static let sensibleShape = 0.125...8.0

    init(_ facts: VideoFacts, maxSide: Int) {
        let (width, height) = Self.shown(facts)
        if Self.isSquare(facts), Int(max(width, height)) <= maxSide, width >= 2, height >= 2 {
            self.init(width: Int(width) & ~1, height: Int(height) & ~1, isCropOnly: true)
        } else {
            self = Self.fitting(width: width, height: height, maxSide: maxSide)
        }
    }

    /// The size of a picture that fits into a frame of this size, with its own aspect ratio. Two pixels are a rounding error.
    func holding(_ facts: VideoFacts) -> FrameSize {
        let (width, height) = Self.shown(facts)
        if isCropOnly, Self.isSquare(facts), (Int(width) & ~1, Int(height) & ~1) == (self.width, self.height) { return self }
        let scale = min(Double(self.width) / width, Double(self.height) / height)
        let (innerWidth, innerHeight) = (Self.even(width * scale), Self.even(height * scale))
        let isWhole = self.width - innerWidth <= 2 && self.height - innerHeight <= 2
        return FrameSize(width: isWhole ? self.width : innerWidth, height: isWhole ? self.height : innerHeight)
    }

    /// The displayed size: upright, with square pixels.
    private static func shown(_ facts: VideoFacts) -> (width: Double, height: Double) {
        let shape = facts.pixelShape.isPositive ? facts.pixelShape.value : 1
        var (width, height) = (Double(facts.width), Double(facts.height))
        if sensibleShape.contains(shape) {
            // The side that is too short for square pixels is stretched, so that no detail is lost.
            if shape > 1 { width *= shape } else { height /= shape }
        }
        return facts.orientation.swapsSides ? (height, width) : (width, height)
    }

    private static func isSquare(_ facts: VideoFacts) -> Bool {
        let shape = facts.pixelShape.isPositive ? facts.pixelShape.value : 1
        return abs(shape - 1) < 0.0001 || !sensibleShape.contains(shape)
    }

    init(width: Int, height: Int, isCropOnly: Bool = false) {
        self.width = width
        self.height = height
        self.isCropOnly = isCropOnly
    }

    static func fitting(width: Int, height: Int, maxSide: Int) -> FrameSize {
        fitting(width: Double(width), height: Double(height), maxSide: maxSide)
    }

    private static func fitting(width: Double, height: Double, maxSide: Int) -> FrameSize {
        let scale = min(1, Double(maxSide) / max(width, height))
        return FrameSize(width: even(width * scale), height: even(height * scale))
    }

    private static func even(_ side: Double) -> Int { max(2, Int((side / 2).rounded()) * 2) }
}
