internal import CFFmpeg
internal import MediaWire

/// Pictures become what the profile wants.
final class FilteringStage: Stage {
    private let plan: PicturePlan
    private let threads: Int
    private let output: StageQueue<Picture>
    private var converter: PictureConverter?
    /// Of the picture that was given last.
    private var duration: Int64 = 0

    init(_ plan: PicturePlan, threads: Int, into output: StageQueue<Picture>) {
        self.plan = plan
        self.threads = threads
        self.output = output
    }

    func feed(_ picture: Picture) throws {
        let converter = self.converter ?? PictureConverter(plan, timeBase: picture.timeBase, threads: threads)
        self.converter = converter
        duration = picture.duration
        try converter.convert(picture.frame, pass)
    }

    func finish() throws {
        try converter?.finish(pass)
        output.finish()
    }

    private func pass(_ frame: Frame, _ timeBase: TimeBase) throws {
        try output.put(Picture(frame: frame, timeBase: timeBase, duration: duration))
    }
}
