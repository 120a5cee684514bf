internal import CFFmpeg
internal import Glibc
internal import MediaWire

/// Loudness by EBU R128 (ITU-R BS.1770) and the true peak of a sound stream as it will be after mixing: a decode of
/// the sound alone, before the work.
struct LoudnessMeter {
    /// LUFS, gated; nil for silence and what is too short to measure.
    private(set) var integrated: Double?
    /// dBTP; nil for digital silence.
    private(set) var peak: Double?
    /// Some part has more channels than the output.
    private(set) var mixesDown = false

    /// Below this it is noise, breath or silence, and left alone.
    private static let nearSilence = -50.0
    /// An encoder's overshoot is allowed for on top of the -1 dBTP that stay free.
    private static let highestPeak = -1.5

    /// Reads the whole source once; the demuxer is at its beginning, and of no use afterwards.
    init(_ plan: SoundPlan, source: Demuxer, tick: () throws -> Void) throws {
        let channels = try SoundScan.run(
            plan.tracks, source: source, conversion: plan.conversion,
            through: "ebur128=metadata=1:peak=true:framelog=verbose", tick: tick
        ) { frame in
            if let value = frame.metadata("lavfi.r128.I").flatMap(Double.init), value > -70 { integrated = value }
            for channel in 0..<2 {
                // An amplitude, of which 1 is full scale.
                if let value = frame.metadata("lavfi.r128.true_peaks_ch\(channel)").flatMap(Double.init), value > 0 {
                    peak = max(peak ?? -.infinity, 20 * log10(value))
                }
            }
        }
        mixesDown = channels > plan.channels
    }

    /// Decibels by which the sound is turned up or down: plain gain, at most 9 dB, only where it is more than 3 LU off,
    /// and never so far that it clips.
    func gain(target: Double, corrects: Bool, limitsPeaks: Bool) -> Double {
        var gain = 0.0
        if corrects, let integrated, integrated > Self.nearSilence, abs(target - integrated) > 3 {
            gain = max(-9, min(9, target - integrated))
        }
        guard let peak, gain > 0 || limitsPeaks else { return gain }
        let room = Self.highestPeak - peak
        // What is loud by itself is not turned down for its peaks, unless mixing made them.
        return limitsPeaks ? min(gain, room) : max(0, min(gain, room))
    }
}
