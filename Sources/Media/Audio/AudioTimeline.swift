internal import CFFmpeg

/// Turns audio with timestamps into one stream without gaps, starting at zero: `AudioAlignment` decides, and this executes.
/// For planar 32-bit float audio, with timestamps in samples. One thread at a time.
final class AudioTimeline {
    private let rate: Int
    private var alignment: AudioAlignment
    private var compensator = DriftCompensator()
    private var waiting = Fifo<Frame>()
    /// Samples still to cut.
    private var surplus = 0
    /// Called before silence of this length is inserted: it may be too much.
    private let allow: (Int64) throws -> Void
    private let emit: (Frame) throws -> Void

    /// - Parameters:
    ///   - allow: throws if silence of this length is too long.
    ///   - emit: borrows each frame of the result, in order.
    init(rate: Int, allow: @escaping (Int64) throws -> Void, emit: @escaping (Frame) throws -> Void) {
        self.rate = rate
        alignment = AudioAlignment(rate: rate)
        self.allow = allow
        self.emit = emit
    }

    func put(_ frame: Frame) throws {
        alignment.put(time: frame.pts, count: frame.sampleCount)
        waiting.append(try frame.reference())
        try advance(isLast: false)
    }

    func finish() throws { try advance(isLast: true) }

    private func advance(isLast: Bool) throws {
        var last: Frame?
        while let correction = alignment.next(isLast: isLast, mayDrift: !compensator.isActive) {
            guard let frame = waiting.popFirst() else { break }
            last = frame
            switch correction {
            case .none: break
            case .drift(let shift): compensator.begin(shift, rate: rate)
            case .leap(let count):
                try compensator.flush(like: frame, emit: emit)
                if count > 0 { try putSilence(count, like: frame) } else { surplus += Int(-count) }
            }
            let cut = min(surplus, frame.sampleCount)
            surplus -= cut
            frame.dropFirst(cut)
            if frame.sampleCount > 0 { try compensator.process(frame, emit: emit) }
        }
        if isLast, let last { try compensator.flush(like: last, emit: emit) }
    }

    /// A second at a time: there may be hours.
    private func putSilence(_ count: Int64, like frame: Frame) throws {
        let kept = min(Int64(surplus), count)
        surplus -= Int(kept)
        var rest = count - kept
        try allow(rest)
        while rest > 0 {
            let part = min(rest, Int64(rate))
            try compensator.process(try Frame.silence(like: frame, samples: Int(part)), emit: emit)
            rest -= part
        }
    }
}
