internal import CFFmpeg

/// The size of the output: upright, with square pixels, even, no larger than the profile wants and never enlarged.
struct PictureSize: Equatable {
    var width: Int
    var height: Int
    /// Whether whole pixels are only cut off at the edge (at most one a side), nothing is scaled.
    var isCropOnly = false

    /// Beyond this a pixel's shape is a mistake of the file, and ignored.
    private static let sensibleShape = 0.125...8.0

    init(_ facts: PictureFacts, maxSide: Int) {
        let shape = facts.pixelShape.isPositive ? facts.pixelShape.value : 1
        var (width, height) = (Double(facts.width), Double(facts.height))
        if Self.sensibleShape.contains(shape) {
            // The side that is too short is stretched, so that no detail is lost.
            if shape > 1 { width *= shape } else { height /= shape }
        }
        if facts.orientation.swapsSides { (width, height) = (height, width) }
        let isSquare = abs(shape - 1) < 0.0001 || !Self.sensibleShape.contains(shape)
        let fitting = Self.fitting(width: width, height: height, maxSide: maxSide)
        if isSquare, Int(max(width, height)) <= maxSide, width >= 2, height >= 2 {
            self.init(width: Int(width) & ~1, height: Int(height) & ~1, isCropOnly: true)
        } else {
            self = fitting
        }
    }

    init(width: Int, height: Int, isCropOnly: Bool = false) {
        self.width = width
        self.height = height
        self.isCropOnly = isCropOnly
    }

    static func fitting(width: Int, height: Int, maxSide: Int) -> PictureSize {
        fitting(width: Double(width), height: Double(height), maxSide: maxSide)
    }

    private static func fitting(width: Double, height: Double, maxSide: Int) -> PictureSize {
        let scale = min(1, Double(maxSide) / max(width, height))
        func even(_ side: Double) -> Int { max(2, Int((side * scale / 2).rounded()) * 2) }
        return PictureSize(width: even(width), height: even(height))
    }
}
