internal import MediaWire

extension MediaLimits {
    var tooManyFrames: MediaFailure {
        MediaFailure(.overFrames, "The video has more than \(frames) frames.")
    }

    var tooLong: MediaFailure {
        MediaFailure(.overDuration, "The file is longer than \(Int(duration / 60)) minutes.")
    }

    func check(width: Int, height: Int) throws(MediaFailure) {
        guard width <= side, height <= side, width.multipliedReportingOverflow(by: height).partialValue <= pixels else {
            throw MediaFailure(
                .overPixels,
                "The picture is too large: \(width) × \(height); at most \(side) per side and \(pixels / 1_000_000) megapixels are allowed."
            )
        }
    }
}
