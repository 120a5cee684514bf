internal import MediaWire
internal import Verdicts

extension MediaLimits {
    var tooManyFrames: Verdict {
        Verdict(.tooManyFrames(frames))
    }

    var tooLong: Verdict {
        Verdict(.tooLong(minutes: Int(duration / 60)))
    }

    func check(width: Int, height: Int) throws(Verdict) {
        guard width <= side, height <= side, width.multipliedReportingOverflow(by: height).partialValue <= pixels else {
            throw Verdict(.tooManyPixels(width: width, height: height, side: side, megapixels: pixels / 1_000_000))
        }
    }
}
