internal import MediaWire

/// Cameras and recorders store each microphone in a track of its own: which tracks are the channels of one recording.
///
/// Tracks belong together where each has one channel and all else of them is alike: codec, rate, language, length,
/// and no title that tells them apart. Where they say which channels they are, all of them are taken in their places; else the
/// first two are left and right, as broadcasters have it, whatever the others hold. A track that has both channels by itself goes
/// before two of one.
enum MonoTracks {
    /// Microseconds by which the tracks of one recording may differ in length.
    private static let tolerance: Int64 = 500_000

    /// The tracks that the sound is made of where `best` is the best single one.
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

    /// FFmpeg's name of the channel that a track says it is; nil where it says none, or that it is all there is.
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
