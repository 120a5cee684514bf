internal import CFFmpeg
internal import Glibc

/// The conversion from a picture's colours to the output's. Only the decision;
/// `ColourFilters` implements it.
///
/// The rule: specified properties are converted, and unspecified ones are taken to be the output's. Material without
/// primaries and transfer (all VP8, most of SD) only has its matrix and its range changed.
enum ColourConversion: Equatable {
    /// R′G′B′ stays the same; matrix or range may change.
    case recode
    /// Other primaries or another transfer: through linear light.
    case relight
    /// HDR: through linear light, tone-mapped to a standard screen.
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

    /// Transfers that a screen displays like BT.709's.
    private static let sameTransfers = Set(
        [
            AVCOL_TRC_BT709, AVCOL_TRC_SMPTE170M, AVCOL_TRC_BT2020_10, AVCOL_TRC_BT2020_12, AVCOL_TRC_IEC61966_2_1,
            AVCOL_TRC_GAMMA22, AVCOL_TRC_GAMMA28,
        ].map(\.rawValue))
}

/// Tone mapping of HDR to SDR, as a curve over the output's signal (light to the power of
/// 1/2.4, ITU-R BT.1886), in which 1.0 is paper white before and the screen's white after: values below the
/// knee stay the same, values above are bent (a Möbius curve) so that the brightest becomes 1. The largest of red, green
/// and blue is bent and the others scale with it: hues do not change.
///
/// Paper white (203 cd/m², ITU-R BT.2408) becomes 0.91 of the signal; a standard page beside it has about 0.95.
struct ToneCurve: Equatable {
    /// cd/m² of paper white.
    static let white = 203.0
    static let knee = 0.8
    /// The signal of the brightest point.
    let peak: Double

    /// - Parameter peakLuminance: cd/m² of the brightest point, if known.
    init(peakLuminance: Double?) {
        let light = min(4000, max(400, peakLuminance ?? 1000)) / Self.white
        peak = Self.signal(light)
    }

    private static func signal(_ light: Double) -> Double { exp2(log2(light) / 2.4) }
}
