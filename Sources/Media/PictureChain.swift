internal import CFFmpeg

/// The filters that make a decoded picture what the profile wants: progressive, upright, square, of the right size
/// and colour. Geometry that throws pixels away comes before work on each pixel.
struct PictureChain {
    struct Step {
        var action: String
        var reason: String
    }

    let facts: PictureFacts
    let size: PictureSize
    let background: String
    private(set) var filters: [String] = []
    private var steps: [Step] = []

    init(facts: PictureFacts, size: PictureSize, background: String) {
        self.facts = facts
        self.size = size
        self.background = background
    }

    mutating func build() -> [Step] {
        deinterlace()
        flatten()
        crop()
        colour()
        turn()
        filters.append("setsar=1")
        return steps
    }

    /// The size of the picture before it is turned.
    private var unturned: (width: Int, height: Int) {
        facts.orientation.swapsSides ? (size.height, size.width) : (size.width, size.height)
    }

    private mutating func deinterlace() {
        guard facts.isInterlaced else { return }
        // Fields that no frame is flagged with were found by looking: then all of it is made of fields.
        let which = facts.unflaggedField.map { "parity=\($0):deint=all" } ?? "deint=interlaced"
        filters.append("bwdif=mode=send_frame:\(which)")
        steps.append(Step(action: "deinterlace", reason: "each picture holds two half pictures of different times"))
    }

    private mutating func flatten() {
        guard facts.format.hasAlpha else { return }
        // A copy that is all background lies below; overlay leaves the times as they are.
        let parts = stride(from: 0, to: 6, by: 2).map { offset -> Int in
            let start = background.index(background.startIndex, offsetBy: offset)
            return Int(background[start..<background.index(start, offsetBy: 2)], radix: 16) ?? 255
        }
        filters.append(
            "format=rgba,split[above][copy];[copy]lutrgb=r=\(parts[0]):g=\(parts[1]):b=\(parts[2]):a=255[below]"
                + ";[below][above]overlay=format=rgb")
        steps.append(Step(action: "lay over #\(background)", reason: "it has transparent pixels, and H.264 has none"))
    }

    private mutating func crop() {
        guard size.isCropOnly, unturned.width != facts.width || unturned.height != facts.height else { return }
        filters.append("crop=\(unturned.width):\(unturned.height):0:0:exact=1")
        steps.append(
            Step(action: "cut to even sides", reason: "\(facts.width) × \(facts.height) is odd, and H.264 here is not"))
    }

    private mutating func colour() {
        let colour = facts.colour
        let scale = "w=\(unturned.width):h=\(unturned.height)"
        if !size.isCropOnly {
            steps.append(
                Step(
                    action: "scale to \(size.width) × \(size.height)",
                    reason: "the profile's longest side, and square pixels"))
        }
        if colour.isHighDynamicRange {
            toneMap(scale: scale)
        } else if needsLight(colour) {
            let input = "min=\(matrixName):pin=\(colour.primariesName ?? "bt709"):tin=\(transferName):rin=\(rangeName)"
            filters.append("zscale=\(scale):\(input):m=bt709:p=bt709:t=bt709:r=limited:f=bicubic,format=yuv420p")
            steps.append(Step(action: "convert colours to BT.709", reason: "they are \(colour.primariesName ?? "other")"))
        } else {
            let matrix = facts.format.isRGB ? "" : ":in_color_matrix=\(swscaleMatrix)"
            let range = colour.isFullRange ? "full" : "limited"
            filters.append(
                "scale=\(scale)\(matrix):out_color_matrix=bt709:in_range=\(range):out_range=limited:flags=bicubic+accurate_rnd"
                    + ",format=yuv420p")
            if colour.isFullRange, !facts.format.isRGB {
                steps.append(Step(action: "convert to limited range", reason: "many players show full range wrongly"))
            }
            if colour.matrix != AVCOL_SPC_BT709 {
                steps.append(Step(action: "convert to BT.709", reason: "its matrix is \(colour.matrixName ?? "another")"))
            }
        }
    }

    private mutating func turn() {
        guard facts.orientation != .upright else { return }
        filters += facts.orientation.filters
        steps.append(
            Step(
                action: "turn upright",
                reason: "it was filmed turned by \(facts.orientation.quarterTurns * 90)°\(facts.orientation.isMirrored ? ", mirrored" : "")"
            ))
    }

    /// Other primaries or another transfer can only be converted in linear light.
    private func needsLight(_ colour: Colour) -> Bool {
        let samePrimaries = colour.primaries == AVCOL_PRI_BT709
        let sameTransfer = [
            AVCOL_TRC_BT709, AVCOL_TRC_SMPTE170M, AVCOL_TRC_BT2020_10, AVCOL_TRC_BT2020_12, AVCOL_TRC_IEC61966_2_1,
            AVCOL_TRC_GAMMA22, AVCOL_TRC_GAMMA28,
        ].contains(colour.transfer)
        return !facts.format.isRGB && (!samePrimaries || !sameTransfer)
    }

    /// In linear light, 1.0 being the white of paper (203 cd/m², ITU-R BT.2408): what is below stays as it is, what is
    /// above is bent into what is left, up to the brightest that the film tells of.
    private mutating func toneMap(scale: String) {
        let colour = facts.colour
        let white = 203.0
        let primaries = colour.primariesName ?? "bt2020"
        let peak = min(4000, max(400, facts.peakLuminance ?? 1000)) / white
        filters.append(
            // The primaries are named for the output too: a frame that does not say them leaves zscale no way.
            "zscale=\(scale):min=\(matrixName):pin=\(primaries):tin=\(transferName):rin=\(rangeName)"
                + ":p=\(primaries):t=linear:npl=\(white):f=bicubic,format=gbrpf32le,zscale=p=bt709"
                + ",tonemap=tonemap=mobius:param=0.3:desat=0:peak=\(peak)"
                + ",zscale=t=bt709:m=bt709:r=limited,format=yuv420p")
        steps.append(
            Step(
                action: "tone-map to standard range",
                reason: "it is HDR (\(colour.transferName ?? "?")), which most screens show washed out"))
    }

    private var rangeName: String { facts.colour.isFullRange ? "full" : "limited" }
    /// zscale's names; it knows SMPTE 240M by none, whose numbers are nearly those of BT.709.
    private var matrixName: String {
        facts.colour.matrix == AVCOL_SPC_SMPTE240M ? "bt709" : facts.colour.matrixName ?? "bt709"
    }
    private var transferName: String { facts.colour.transferName ?? "bt709" }

    /// swscale's names of the matrices.
    private var swscaleMatrix: String {
        switch facts.colour.matrix {
        case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: "smpte170m"
        case AVCOL_SPC_SMPTE240M: "smpte240m"
        case AVCOL_SPC_FCC: "fcc"
        case AVCOL_SPC_BT2020_NCL: "bt2020"
        default: "bt709"
        }
    }
}
