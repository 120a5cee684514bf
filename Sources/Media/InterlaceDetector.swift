internal import CFFmpeg
internal import MediaWire

/// Looks at the first pictures of a film that could be television, and at some every few seconds, and tells whether they are
/// made of two fields that nothing flags.
///
/// Fields show as combs along what moves, and so does a picture whose every other line is taken from the next one. A
/// progressive picture has none of its own, and about as many with the lines of either parity replaced. One of two
/// fields has its own; replacing the earlier field by the next picture's makes about as many, for the two are as far
/// apart again, and replacing the later one makes far more. What merely moves up and down, which the usual measure of
/// likeness between lines takes for fields, makes no combs.
struct InterlaceDetector {
    /// Pictures that are looked at: two seconds tell.
    private static let pictures = 50
    /// So many must show fields, and more than show none: stills and slow scenes show nothing.
    private static let evidence = 10
    /// After so many that move and show none there is nothing to be seen any more.
    private static let calm = 12
    /// Pictures that go by before it looks again.
    private static let pause = 200
    /// So many times as many must show fields as show none, where the film began without.
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

    /// Takes a decoded picture, in the order in which they are shown.
    /// - Parameter time: microseconds of the output's clock.
    /// - Throws: `ReplanRequest` as soon as it is sure.
    mutating func look(at frame: Frame, time: Int64) throws {
        if isDone {
            // The last one that was looked at had none to be compared with.
            if passed == 0 { calmUntil = lastTimes.earlier }
            passed += 1
            guard passed > Self.pause else { return before = nil }
            (seen, counts, passed) = (0, (0, 0, 0), 0)
        }
        seen += 1
        lastTimes = (lastTimes.later, time)
        // A flagged picture is another filter's business.
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
            // The field that is near the next picture is the later one.
            if evenReplaced < oddReplaced { counts.topFirst += 1 } else { counts.bottomFirst += 1 }
        } else {
            counts.progressive += 1
        }
    }
}

/// The brightness of a picture in every fourth column, in 8 bits, line by line.
private struct LumaLines {
    private static let columnStep = 4
    /// Neighbouring lines of a comb differ by more than this, those of one field by no more than that.
    private static let (tooth, likeness): (Int16, Int16) = (12, 10)

    private let width: Int
    private let height: Int
    private let points: [UInt8]

    /// Nil for what television never is: RGB, palettes, and what FFmpeg knows no plane of brightness of.
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
                // FFmpeg's planes hold `linesize` bytes for each of `height` lines.
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

    /// Points that stand out from the lines above and below, which are alike, as its own field's lines are like it.
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
