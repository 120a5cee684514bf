internal import MediaWire

/// Cameras and recorders store each microphone in its own track: finds the tracks that are channels of one recording.
///
/// Tracks belong together if each has one channel and everything else is the same: codec, rate, language, length,
/// and no title that distinguishes them. If they name their channels, all of them are used accordingly; otherwise the
/// first two are left and right, as in broadcasting, whatever the others contain. A track with both channels is preferred
/// to two mono ones.
enum MonoTracks {
    /// The maximum difference in length between tracks of one recording, in microseconds.
    private static let tolerance: Int64 = 500_000

    /// The tracks of the audio if `best` is the best single one.
    static func tracks(with best: StreamChoice.Track, among tracks: [StreamChoice.Track]) -> [Int] {
        guard best.info.sound?.channels == 1, !best.info.isAlternative else { return [best.info.index] }
        let alike = tracks.filter { areAlike($0, best) }
        guard alike.count > 1 else { return [best.info.index] }
        let whole = tracks.first {
            ($0.info.sound?.channels ?? 0) > 1 && !$0.info.isAlternative && $0.info.language == best.info.language
                && $0.extent.duration >= best.extent.duration / 4 * 3
        }
        if let whole { return [whole.info.index] }
        let places = alike.map { place($0) }
        if let left = places.firstIndex(of: "FL"), let right = places.firstIndex(of: "FR") {
            let isWhole = !places.contains(nil) && Set(places).count == places.count
            let taken = isWhole ? alike : [alike[left], alike[right]]
            return taken.sorted { order($0) < order($1) }.map(\.info.index)
        }
        return alike.prefix(2).map(\.info.index)
    }

    private static func areAlike(_ a: StreamChoice.Track, _ b: StreamChoice.Track) -> Bool {
        a.info.sound?.channels == 1 && a.info.codec == b.info.codec && a.info.sound?.sampleRate == b.info.sound?.sampleRate
            && a.info.language == b.info.language && a.info.isAlternative == b.info.isAlternative
            && abs(a.extent.duration - b.extent.duration) <= tolerance
            && (a.title == b.title || place(a) != nil && place(b) != nil)
    }

    private static let places = ["FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"]

    private static func order(_ track: StreamChoice.Track) -> Int { place(track).flatMap { places.firstIndex(of: $0) } ?? places.count }

    /// FFmpeg's name of the channel that a track claims to be; nil if none, or if it is plain mono.
    static func place(_ track: StreamChoice.Track) -> String? {
        switch track.title?.lowercased() {
        case "left", "l": return "FL"
        case "right", "r": return "FR"
        default: break
        }
        // "1 channels (FL)"
        guard let layout = track.info.sound?.layout, layout.hasPrefix("1 channels ("), layout.hasSuffix(")") else { return nil }
        let name = String(layout.dropFirst("1 channels (".count).dropLast())
        return places.contains(name) ? name : nil
    }
}
