internal import CFFmpeg
internal import CFFmpegShims

/// The rotation that makes a picture upright: mirroring (left to right) first, then quarter turns clockwise.
struct Orientation: Equatable {
    var isMirrored = false
    var quarterTurns = 0

    static let upright = Orientation()

    /// From a display matrix (ISO/IEC 14496-12, 8.2.2: 3 × 3 numbers, 16.16 fixed point; a point (x, y) of the
    /// picture is displayed at (a·x + c·y, b·x + d·y), y downwards). Other angles are rounded to a quarter turn.
    init(matrix: UnsafePointer<Int32>) {
        var (a, b, c, d) = (Int64(matrix[0]), Int64(matrix[1]), Int64(matrix[3]), Int64(matrix[4]))
        let isMirrored = a * d - b * c < 0
        if isMirrored { (a, b) = (-a, -b) }
        self.isMirrored = isMirrored
        // The rest is a rotation: (1, 0) goes to (a, b).
        if a == 0, b == 0 { (a, b) = (d, -c) }
        quarterTurns = abs(a) >= abs(b) ? (a >= 0 ? 0 : 2) : (b > 0 ? 1 : 3)
    }

    init(isMirrored: Bool = false, quarterTurns: Int = 0) {
        self.isMirrored = isMirrored
        self.quarterTurns = quarterTurns
    }

    var swapsSides: Bool { quarterTurns % 2 == 1 }

    /// The libavfilter expression for it.
    var filters: [String] {
        var filters = isMirrored ? ["hflip"] : []
        switch quarterTurns {
        case 1: filters.append("transpose=clock")
        case 2: filters += ["hflip", "vflip"]
        case 3: filters.append("transpose=cclock")
        default: break
        }
        return filters
    }

    /// The orientation of a stream; upright if unspecified.
    static func of(_ stream: UnsafeMutablePointer<AVStream>) -> Orientation {
        var size = 0
        guard let data = shim_stream_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size), size >= 36 else {
            return .upright
        }
        return data.withMemoryRebound(to: Int32.self, capacity: 9) { Orientation(matrix: $0) }
    }

    /// The orientation in a decoded frame itself; nil if unspecified.
    static func of(_ frame: Frame) -> Orientation? {
        guard let side = av_frame_get_side_data(frame.pointer, AV_FRAME_DATA_DISPLAYMATRIX), side.pointee.size >= 36
        else { return nil }
        return side.pointee.data.withMemoryRebound(to: Int32.self, capacity: 9) { Orientation(matrix: $0) }
    }
}
