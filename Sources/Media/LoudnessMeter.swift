internal import CFFmpeg
internal import Glibc
internal import MediaWire

/// Loudness by EBU R128 (ITU-R BS.1770) and the true peak of a sound stream as it will be after mixing: a decode of
/// the sound alone, before the work.
struct LoudnessMeter {
    /// LUFS, gated; nil for silence and what is too short to measure.
    private(set) var integrated: Double?
    /// LUFS of most moments, which a few wild samples do not change; nil for silence.
    private(set) var usual: Double?
    /// dBTP; nil for digital silence.
    private(set) var peak: Double?
    private(set) var extent = AudioExtent()

    /// Below this it is noise, breath or silence, and left alone.
    private static let nearSilence = -50.0
    /// LUFS below which nothing is turned down for peaks that stand out of it.
    private static let quietest = -36.0
    /// A decibel for an encoder's overshoot, on top of the -1 dBTP that stay free.
    private static let highestPeak = -2.0

    /// Reads the whole source once; the demuxer is at its beginning, and of no use afterwards.
    init(_ plan: AudioPlan, source: Demuxer, tick: () throws -> Void) throws {
        // Of every tenth of a second.
        var moments: [Double] = []
        extent = try AudioScan.run(
            plan.tracks, source: source, conversion: plan.conversion,
            // The filter tells of each tenth of a second: silence fills up the last, and what is shorter.
            through: "apad=pad_dur=0.2,ebur128=metadata=1:peak=true:framelog=verbose", tick: tick
        ) { frame in
            if let value = frame.metadata("lavfi.r128.I").flatMap(Double.init), value > -70 { integrated = value }
            if let value = frame.metadata("lavfi.r128.M").flatMap(Double.init), value > Self.nearSilence { moments.append(value) }
            for channel in 0..<2 {
                // An amplitude, of which 1 is full scale.
                if let value = frame.metadata("lavfi.r128.true_peaks_ch\(channel)").flatMap(Double.init), value > 0 {
                    peak = max(peak ?? -.infinity, 20 * log10(value))
                }
            }
        }
        usual = moments.isEmpty ? nil : moments.sorted()[moments.count / 2]
    }

    /// Plain gain for all of it: at most 9 dB for the loudness, only where it is more than 3 LU off, and so far down that
    /// nothing passes -1 dBTP. Where that would make the rest too quiet to be heard, peaks that stand out are cut off.
    func level(target: Double, correctsLoudness: Bool) -> AudioLevel {
        var gain = 0.0
        if correctsLoudness, let integrated, integrated > Self.nearSilence, abs(target - integrated) > 3 {
            gain = max(-9, min(9, target - integrated))
        }
        guard let peak else { return AudioLevel(gain: gain) }
        let room = Self.highestPeak - peak
        let lowest = usual.map { min(0, Self.quietest - $0) } ?? -.infinity
        guard room < lowest else { return AudioLevel(gain: min(gain, room)) }
        return AudioLevel(gain: min(gain, lowest), ceiling: Float(pow(10, Self.highestPeak / 20)))
    }
}

/// What is done to all samples of a sound.
struct AudioLevel {
    /// Decibels.
    var gain = 0.0
    /// The amplitude at which samples are cut off, of 1; nil where none is beyond.
    var ceiling: Float?
}
