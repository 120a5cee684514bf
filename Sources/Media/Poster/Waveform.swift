internal import CFFmpeg

/// The loudness of a whole audio stream over its length, drawn as an image. Memory is bounded however long it
/// is: with too many columns, pairs are merged.
struct Waveform {
    private static let width = 1280
    private static let height = 720
    /// Width and distance of bars, in pixels.
    private static let bar = 6
    private static let step = 10
    /// Y', Cb, Cr of BT.709 in limited range: #14181F and #4F8EF7.
    private static let ground: (UInt8, UInt8, UInt8) = (36, 131, 125)
    private static let ink: (UInt8, UInt8, UInt8) = (130, 187, 98)

    private static let mostColumns = 2048
    private var samplesPerColumn = 1024
    private var columns: [Float] = []
    private var peak: Float = 0
    private var filled = 0

    /// Takes a block of planar float audio; its first channel represents all.
    mutating func take(_ frame: Frame) {
        guard let plane = frame.pointer.pointee.data.0 else { return }
        plane.withMemoryRebound(to: Float.self, capacity: frame.sampleCount) { samples in
            for index in 0..<frame.sampleCount {
                peak = max(peak, abs(samples[index]))
                filled += 1
                if filled == samplesPerColumn { close() }
            }
        }
    }

    private mutating func close() {
        columns.append(peak)
        (peak, filled) = (0, 0)
        guard columns.count == Self.mostColumns else { return }
        columns = stride(from: 0, to: columns.count, by: 2).map { max(columns[$0], columns[$0 + 1]) }
        samplesPerColumn *= 2
    }

    /// An image in yuv420p, BT.709, limited range.
    func draw() throws(FFmpegError) -> Frame {
        let frame = try Frame()
        frame.pointer.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        frame.pointer.pointee.width = CInt(Self.width)
        frame.pointer.pointee.height = CInt(Self.height)
        frame.pointer.pointee.colorspace = AVCOL_SPC_BT709
        frame.pointer.pointee.color_range = AVCOL_RANGE_MPEG
        try check(av_frame_get_buffer(frame.pointer, 0), "av_frame_get_buffer")
        fill(frame, x: 0, y: 0, width: Self.width, height: Self.height, Self.ground)
        let all = columns + (filled > 0 ? [peak] : [])
        let loudest = max(all.max() ?? 0, 0.01)
        let bars = Self.width / Self.step
        for bar in 0..<bars {
            let first = bar * all.count / bars, last = max(first + 1, (bar + 1) * all.count / bars)
            let level = all[min(first, all.count)..<min(last, all.count)].max() ?? 0
            // The square root makes quiet passages visible.
            let half = max(2, Int((level / loudest).squareRoot() * Float(Self.height) * 0.4)) & ~1
            fill(
                frame, x: bar * Self.step + 2, y: Self.height / 2 - half, width: Self.bar, height: 2 * half, Self.ink)
        }
        return frame
    }

    /// All numbers are even, because of chroma subsampling.
    private func fill(_ frame: Frame, x: Int, y: Int, width: Int, height: Int, _ colour: (UInt8, UInt8, UInt8)) {
        let raw = frame.pointer.pointee
        let planes = [
            (raw.data.0, Int(raw.linesize.0), colour.0, 1), (raw.data.1, Int(raw.linesize.1), colour.1, 2),
            (raw.data.2, Int(raw.linesize.2), colour.2, 2),
        ]
        for (data, stride, value, shrink) in planes {
            for row in y / shrink..<(y + height) / shrink {
                (data.map { $0 + row * stride + x / shrink })?.update(repeating: value, count: width / shrink)
            }
        }
    }
}
