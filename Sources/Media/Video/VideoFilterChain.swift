internal import CFFmpeg

/// The filters from a decoded frame to the profile's output: progressive, upright, square pixels, of the right size
/// and colour. Filters that discard pixels come before those that work on each pixel.
struct VideoFilterChain {
    struct Step {
        var action: String
        var reason: String
    }

    let facts: VideoFacts
    /// Of the output.
    let size: FrameSize
    let background: String
    /// Maximum frame rate: fields become frames up to this rate.
    let maxFrameRate: Double
    /// Of the picture within it.
    private let shown: FrameSize
    private(set) var filters: [String] = []
    private var steps: [Step] = []

    init(facts: VideoFacts, size: FrameSize, background: String, maxFrameRate: Double) {
        self.facts = facts
        self.size = size
        self.background = background
        self.maxFrameRate = maxFrameRate
        shown = size.holding(facts)
    }

    mutating func build() -> [Step] {
        deinterlace()
        flatten()
        crop()
        colour()
        turn()
        pad()
        filters.append("setsar=1")
        return steps
    }

    /// The size of the picture before its rotation.
    private var unturned: (width: Int, height: Int) {
        facts.orientation.swapsSides ? (shown.height, shown.width) : (shown.width, shown.height)
    }

    /// The format after the alpha channel is removed.
    private var opaqueFormat: AVPixelFormat { facts.format.hasAlpha ? AV_PIX_FMT_GBRP : facts.format }

    private mutating func deinterlace() {
        guard facts.isInterlaced else { return }
        // Unflagged fields were detected: then all of it is interlaced.
        let which = facts.unflaggedField.map { "parity=\($0):deint=all" } ?? "deint=interlaced"
        let isOfFields = facts.picturesPerFrame(maxFrameRate: maxFrameRate) == 2
        filters.append("bwdif=mode=\(isOfFields ? "send_field" : "send_frame"):\(which)")
        steps.append(
            Step(
                action: isOfFields ? "deinterlace, one frame per field" : "deinterlace",
                reason: "each frame consists of two fields of different times"))
    }

    private mutating func flatten() {
        guard facts.format.hasAlpha else { return }
        // The bottom layer is a copy filled with the background; overlay keeps the timestamps.
        let parts = stride(from: 0, to: 6, by: 2).map { offset -> Int in
            let start = background.index(background.startIndex, offsetBy: offset)
            return Int(background[start..<background.index(start, offsetBy: 2)], radix: 16) ?? 255
        }
        if !facts.format.isRGB {
            let (matrix, range) = (facts.colour.swscaleMatrix, facts.colour.isFullRange ? "full" : "limited")
            filters.append("scale=in_color_matrix=\(matrix):in_range=\(range):flags=bicubic+accurate_rnd")
        }
        filters.append(
            "format=rgba,split[above][copy];[copy]lutrgb=r=\(parts[0]):g=\(parts[1]):b=\(parts[2]):a=255[below]"
                + ";[below][above]overlay=format=rgb")
        steps.append(Step(action: "put on background #\(background)", reason: "it has transparent pixels, which H.264 does not support"))
    }

    private mutating func crop() {
        guard isCut else { return }
        filters.append("crop=\(unturned.width):\(unturned.height):0:0:exact=1")
        steps.append(
            Step(action: "crop to even width and height", reason: "\(facts.width) × \(facts.height) is odd, which H.264 4:2:0 does not support"))
    }

    private var isCut: Bool { shown.isCropOnly && (unturned.width != facts.width || unturned.height != facts.height) }

    private mutating func colour() {
        let colour = facts.colour
        if !shown.isCropOnly {
            steps.append(
                Step(
                    action: "scale to \(shown.width) × \(shown.height)",
                    reason: "to fit the profile's longest side, with square pixels"))
        }
        let conversion = ColourConversion(facts)
        filters += ColourFilters(
            conversion: conversion, colour: colour, format: opaqueFormat, input: isCut ? unturned : (facts.width, facts.height),
            output: unturned
        ).filters
        switch conversion {
        case .toneMap:
            steps.append(
                Step(
                    action: "tone-map to standard range",
                    reason: "it is HDR (\(colour.transferName ?? "?")), which most screens display washed out"))
        case .relight:
            steps.append(Step(action: "convert colours to BT.709", reason: "they are \(colour.primariesName ?? "other")"))
        case .recode where !facts.format.isRGB:
            if colour.isFullRange {
                steps.append(Step(action: "convert to limited range", reason: "many players display full range incorrectly"))
            }
            if colour.matrix != AVCOL_SPC_BT709 {
                steps.append(Step(action: "convert to BT.709", reason: "its matrix is \(colour.matrixName ?? "another")"))
            }
        case .recode: break
        }
    }

    private mutating func turn() {
        guard facts.orientation != .upright else { return }
        filters += facts.orientation.filters
        steps.append(
            Step(
                action: "rotate upright",
                reason: "it was recorded rotated by \(facts.orientation.quarterTurns * 90)°\(facts.orientation.isMirrored ? ", mirrored" : "")"
            ))
    }

    /// A part with another aspect ratio than the first: the rest is black.
    private mutating func pad() {
        guard (shown.width, shown.height) != (size.width, size.height) else { return }
        filters.append("pad=\(size.width):\(size.height):-1:-1")
    }
}
