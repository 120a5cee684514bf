internal import CFFmpeg
internal import Glibc
internal import MediaWire

/// The loudness by EBU R128 (ITU-R BS.1770) and the true peak of an audio stream after mixing: decodes
/// only the audio, before the transcode.
struct LoudnessMeter {
    /// LUFS, gated; nil for silence and for audio too short to measure.
    private(set) var integrated: Double?
    /// LUFS of most moments, unaffected by a few outliers; nil for silence.
    private(set) var usual: Double?
    /// dBTP; nil for digital silence.
    private(set) var peak: Double?
    private(set) var extent = AudioExtent()

    /// Below this it is noise, breath or silence, and not changed.
    private static let nearSilence = -50.0
    /// LUFS below which outlying peaks do not reduce the gain.
    private static let quietest = -36.0
    /// A decibel for an encoder's overshoot, in addition to the -1 dBTP of headroom.
    private static let highestPeak = -2.0

    /// Reads the whole source once; the demuxer is at its beginning, and not usable afterwards.
    /// - Parameter conversion: the libavfilter chain that mixes, as for the output.
    init(_ tracks: AudioTracks, conversion: String, source: Demuxer, tick: () throws -> Void) throws {
        // Per tenth of a second.
        var moments: [Double] = []
        extent = try AudioScan.run(
            tracks, source: source, conversion: conversion,
            // The filter reports every tenth of a second: silence fills up the last one.
            through: "apad=pad_dur=0.2,ebur128=metadata=1:peak=true:framelog=verbose", tick: tick
        ) { frame in
            if let value = frame.metadata("lavfi.r128.I").flatMap(Double.init), value > -70 { integrated = value }
            if let value = frame.metadata("lavfi.r128.M").flatMap(Double.init), value > Self.nearSilence { moments.append(value) }
            for channel in 0..<2 {
                // An amplitude relative to full scale.
                if let value = frame.metadata("lavfi.r128.true_peaks_ch\(channel)").flatMap(Double.init), value > 0 {
                    peak = max(peak ?? -.infinity, 20 * log10(value))
                }
            }
        }
        usual = moments.isEmpty ? nil : moments.sorted()[moments.count / 2]
    }

    /// One gain for all of it: at most 9 dB, only if the loudness is more than 3 LU off, and limited so that
    /// nothing exceeds -1 dBTP. If that would make the rest inaudible, outlying peaks are clipped.
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

/// The gain for all samples.
struct AudioLevel {
    /// Decibels.
    var gain = 0.0
    /// The clipping amplitude relative to 1; nil if no sample exceeds it.
    var ceiling: Float?
}
