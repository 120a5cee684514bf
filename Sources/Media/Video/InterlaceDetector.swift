internal import CFFmpeg
internal import MediaWire

/// Examines the first frames of a video that could be television, and some every few seconds, and detects unflagged
/// interlacing.
///
/// Fields show as combs on moving edges. So does a frame whose every other line is taken from the next one. A
/// progressive frame has no combs itself, and about as many with the lines of either parity replaced. An interlaced
/// frame has combs; replacing the earlier field by the next frame's gives about as many, because the two are as far
/// apart again, and replacing the later one gives far more. Mere vertical motion, which the usual
/// comparison of lines mistakes for fields, gives no combs.
struct InterlaceDetector {
    /// Frames to examine: two seconds suffice.
    private static let pictures = 50
    /// This many must show fields, and more than show none: stills and slow scenes show nothing.
    private static let evidence = 10
    /// After this many moving frames without fields, it stops.
    private static let calm = 12
    /// Frames to skip before it looks again.
    private static let pause = 200
    /// This factor more must show fields than show none, if the video started without.
    private static let certainty = 4

    private var before: LumaLines?
    private var seen = 0
    private var counts = (topFirst: 0, bottomFirst: 0, progressive: 0)
    private var passed = 0
    private var lastTimes: (earlier: Int64, later: Int64) = (0, 0)
    /// Microseconds up to which no fields were seen; nil in the first look.
    private var calmUntil: Int64?

    /// Enough was seen for now.
    var isDone: Bool {
        seen >= Self.pictures || (counts.progressive >= Self.calm && counts.topFirst + counts.bottomFirst == 0)
    }

    /// Takes a decoded frame, in display order.
    /// - Parameter time: microseconds of the output's clock.
    /// - Throws: `ReplanRequest` as soon as it is certain.
    mutating func look(at frame: Frame, time: Int64) throws {
        if isDone {
            // The last one had no next frame to compare with.
            if passed == 0 { calmUntil = lastTimes.earlier }
            passed += 1
            guard passed > Self.pause else { return before = nil }
            (seen, counts, passed) = (0, (0, 0, 0), 0)
        }
        seen += 1
        lastTimes = (lastTimes.later, time)
        // Flagged frames are handled by another filter.
        guard !frame.isInterlaced, let lines = LumaLines(frame) else { return before = nil }
        if let before, before.hasSize(of: lines) { compare(before, lines) }
        before = lines
        let fields = max(counts.topFirst, counts.bottomFirst)
        let least = calmUntil == nil ? counts.progressive : counts.progressive * Self.certainty
        if fields >= Self.evidence, fields > least {
            throw ReplanRequest(finding: .interlaced(topFieldFirst: counts.topFirst > counts.bottomFirst, since: calmUntil))
        }
    }

    private mutating func compare(_ picture: LumaLines, _ next: LumaLines) {
        let own = LumaLines.combs(even: picture, odd: picture)
        let (evenReplaced, oddReplaced) = (LumaLines.combs(even: next, odd: picture), LumaLines.combs(even: picture, odd: next))
        let (fewer, more) = (min(evenReplaced, oddReplaced), max(evenReplaced, oddReplaced))
        let least = picture.fewestCombs
        // Nothing moves that would show it.
        guard more >= 2 * least else { return }
        if own >= least, 4 * own >= fewer, 2 * more > 3 * fewer {
            // The field that is closer to the next frame is the later one.
            if evenReplaced < oddReplaced { counts.topFirst += 1 } else { counts.bottomFirst += 1 }
        } else {
            counts.progressive += 1
        }
    }
}

/// A frame's luma in every fourth column, in 8 bits, line by line.
private struct LumaLines {
    private static let columnStep = 4
    /// Neighbouring lines of a comb differ by more than this, those of one field by no more than that.
    private static let (tooth, likeness): (Int16, Int16) = (12, 10)

    private let width: Int
    private let height: Int
    private let points: [UInt8]

    /// Nil for formats that television never has: RGB, palettes, and others without a luma plane.
    init?(_ frame: Frame) {
        let format = AVPixelFormat(rawValue: frame.pointer.pointee.format)
        guard !format.isRGB, let descriptor = av_pix_fmt_desc_get(format)?.pointee,
            descriptor.flags & UInt64(AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL) == 0,
            case let luma = descriptor.comp.0, luma.plane == 0, luma.step > 0, let plane = frame.pointer.pointee.data.0
        else { return nil }
        let (width, height) = (frame.width / Self.columnStep, frame.height)
        let (stride, step) = (Int(frame.pointer.pointee.linesize.0), Int(luma.step) * Self.columnStep)
        let (offset, isWide) = (Int(luma.offset), luma.depth > 8)
        let shift = Int(luma.shift) + max(0, Int(luma.depth) - 8)
        self.width = width
        self.height = height
        points = [UInt8](unsafeUninitializedCapacity: width * height) { buffer, count in
            for y in 0..<height {
                // FFmpeg's planes have `linesize` bytes for each of `height` lines.
                let line = plane + y * stride + offset
                for x in 0..<width {
                    let low = UInt16(line[x * step])
                    let value = isWide ? (low | UInt16(line[x * step + 1]) << 8) >> UInt16(shift) : low >> UInt16(shift)
                    buffer[y * width + x] = UInt8(truncatingIfNeeded: value)
                }
            }
            count = width * height
        }
    }

    func hasSize(of other: LumaLines) -> Bool { width == other.width && height == other.height }

    /// Below this it may be noise.
    var fewestCombs: Int { 8 + width * height / 25_000 }

    /// Points that differ from the lines above and below, while these are similar to each other, and to the lines of their own field.
    static func combs(even: LumaLines, odd: LumaLines) -> Int {
        guard even.height >= 5 else { return 0 }
        return even.points.withUnsafeBufferPointer { even in
            odd.points.withUnsafeBufferPointer { odd in combs(even, odd) }
        }

        func combs(_ evenPoints: UnsafeBufferPointer<UInt8>, _ oddPoints: UnsafeBufferPointer<UInt8>) -> Int {
            let width = even.width
            var count = 0
            for y in 2..<even.height - 2 {
                let (own, other) = y % 2 == 0 ? (evenPoints, oddPoints) : (oddPoints, evenPoints)
                let line = y * width
                for x in line..<line + width {
                    let point = Int16(own[x])
                    let above = point - Int16(other[x - width])
                    guard abs(above) > tooth else { continue }
                    let below = point - Int16(other[x + width])
                    guard abs(below) > tooth, (above > 0) == (below > 0), abs(above - below) <= likeness,
                        abs(point - Int16(own[x - 2 * width])) <= likeness, abs(point - Int16(own[x + 2 * width])) <= likeness
                    else { continue }
                    count += 1
                }
            }
            return count
        }
    }
}
