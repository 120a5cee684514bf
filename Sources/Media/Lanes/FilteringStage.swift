internal import CFFmpeg
internal import MediaWire

/// Converts frames to what the profile wants.
final class FilteringStage: Stage {
    private let plan: VideoPlan
    private let threads: Int
    private let output: StageQueue<Picture>
    private var converter: VideoConverter?
    private var times = FilteredFrameTimes()

    init(_ plan: VideoPlan, threads: Int, into output: StageQueue<Picture>) {
        self.plan = plan
        self.threads = threads
        self.output = output
    }

    func feed(_ picture: Picture) throws {
        let converter = self.converter ?? VideoConverter(plan, timeBase: picture.timeBase, threads: threads)
        self.converter = converter
        times.note(picture)
        try converter.convert(picture.frame, pass)
    }

    func finish() throws {
        try converter?.finish(pass)
        output.finish()
    }

    private func pass(_ frame: Frame, _ timeBase: TimeBase) throws {
        let duration = times.settle(frame, timeBase: timeBase, interval: 1 / max(plan.frameRate, 0.1))
        try output.put(Picture(frame: frame, timeBase: timeBase, duration: duration))
    }
}
