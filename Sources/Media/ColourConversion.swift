internal import CFFmpeg
internal import Glibc

/// What is done to the numbers of a picture so that they mean the same in the output's colours. The decision alone;
/// `ColourFilters` carries it out.
///
/// The rule: what a file tells is converted, and what it does not tell is taken to be the output's own. Material that
/// names no primaries and no transfer (all VP8, most of SD) has only its matrix and its range changed.
enum ColourConversion: Equatable {
    /// R′G′B′ stays what it is; its matrix or its range may become another.
    case recode
    /// Other primaries or another transfer: by way of linear light.
    case relight
    /// HDR: by way of linear light, and bent into what a standard screen shows.
    case toneMap(ToneCurve)

    init(_ facts: VideoFacts) {
        let colour = facts.colour
        if colour.isHighDynamicRange {
            self = .toneMap(ToneCurve(peakLuminance: facts.peakLuminance))
        } else if colour.primaries == AVCOL_PRI_BT709, Self.sameTransfers.contains(colour.transfer.rawValue) {
            self = .recode
        } else {
            self = .relight
        }
    }

    /// Curves that a screen shows as it does BT.709's.
    private static let sameTransfers = Set(
        [
            AVCOL_TRC_BT709, AVCOL_TRC_SMPTE170M, AVCOL_TRC_BT2020_10, AVCOL_TRC_BT2020_12, AVCOL_TRC_IEC61966_2_1,
            AVCOL_TRC_GAMMA22, AVCOL_TRC_GAMMA28,
        ].map(\.rawValue))
}

/// How the light of an HDR picture goes into a standard one, as a curve over the output's signal (the light to the power of
/// 1/2.4, ITU-R BT.1886), in which 1.0 is the white of paper before and the screen's white after: what is below the
/// knee stays as it is, what is above is bent (a Möbius curve) so that the brightest becomes 1. The largest of red, green
/// and blue is bent and the others go with it: no hue turns.
///
/// Paper (203 cd/m², ITU-R BT.2408) comes to 0.91 of the signal, where the paper of a standard page beside it is about 0.95.
struct ToneCurve: Equatable {
    /// cd/m² of the white of paper.
    static let white = 203.0
    static let knee = 0.8
    /// The signal of the brightest.
    let peak: Double

    /// - Parameter peakLuminance: cd/m² of the brightest, as far as the film tells.
    init(peakLuminance: Double?) {
        let light = min(4000, max(400, peakLuminance ?? 1000)) / Self.white
        peak = Self.signal(light)
    }

    private static func signal(_ light: Double) -> Double { exp2(log2(light) / 2.4) }
}
