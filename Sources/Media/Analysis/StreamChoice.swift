internal import MediaWire
internal import Verdicts

/// Chooses the video and audio streams of a file, with reasons for leaving out the others.
struct StreamChoice {
    /// What is known of a stream.
    struct Track {
        var info: StreamInfo
        var extent: TrackExtent
        /// Why it cannot be used although a decoder exists.
        var fault: Fault?
        /// The container's name for it.
        var title: String?

        var isUsable: Bool { info.isDecodable && fault == nil }
    }

    enum Fault { case unsupported, damaged }

    private(set) var picture: Int?
    /// The tracks of the audio, one per channel if there are several.
    private(set) var sound: [Int] = []
    private(set) var leftOut: [PlanDecision] = []
    private(set) var remarks: [Remark] = []
    /// The main video track, if it cannot be used and no other replaces it.
    private(set) var lostPicture: Track?
    /// The same for audio.
    private(set) var lostSound: Track?

    var chosen: Set<Int> { Set([picture].compactMap(\.self) + sound) }

    private let subject: MediaSubject

    init(_ tracks: [Track], _ subject: MediaSubject) {
        self.subject = subject
        if subject != .audio { choosePicture(tracks.filter { $0.info.kind == .video }) }
        let sounds = tracks.filter { $0.info.kind == .audio }
        chooseSound(sounds)
        leftOut = tracks.filter { !chosen.contains($0.info.index) }.map { track in
            PlanDecision(stream: track.info.index, action: "leave out", reason: reason(track))
        }
    }

    // MARK: Video

    /// The main track is preferred to a commentary, one with the whole video to one with stills or a part, the
    /// default to others, the larger to the smaller, the first to the later.
    private mutating func choosePicture(_ tracks: [Track]) {
        let own = tracks.contains { !$0.info.isAlternative } ? tracks.filter { !$0.info.isAlternative } : tracks
        guard let best = Self.film(among: own) else { return }
        if best.isUsable { return picture = best.info.index }
        // Another track shows the video as well, if it has as much of it.
        let rest = own.filter { $0.isUsable && Self.holds($0.extent, asMuchAs: best.extent) }
        if let second = Self.film(among: rest) {
            picture = second.info.index
            remarks.append(.replaced(.picture, codec: best.info.codec))
        } else {
            lostPicture = best
        }
    }

    /// The same video may end slightly earlier in another track, and may have fewer frames.
    private static func holds(_ extent: TrackExtent, asMuchAs film: TrackExtent) -> Bool {
        extent.filmTime >= film.filmTime / 4 * 3 && extent.pictures >= film.pictures / 8
    }

    private static func film(among tracks: [Track]) -> Track? {
        let longest = tracks.map(\.extent.filmTime).max() ?? 0
        let long = tracks.filter { $0.extent.filmTime >= longest / 4 * 3 }
        let most = long.map(\.extent.pictures).max() ?? 0
        func area(_ track: Track) -> Int {
            (track.info.picture?.width ?? 0).multipliedReportingOverflow(by: track.info.picture?.height ?? 0).partialValue
        }
        return long.filter { $0.extent.pictures >= most / 8 }.min { a, b in
            if a.info.isDefault != b.info.isDefault { return a.info.isDefault }
            return area(a) != area(b) ? area(a) > area(b) : a.info.index < b.info.index
        }
    }

    // MARK: Audio

    private mutating func chooseSound(_ tracks: [Track]) {
        func isBetter(_ a: Track, _ b: Track) -> Bool {
            if a.info.isAlternative != b.info.isAlternative { return b.info.isAlternative }
            if a.info.isDefault != b.info.isDefault { return a.info.isDefault }
            let channels = (a.info.sound?.channels ?? 0, b.info.sound?.channels ?? 0)
            return channels.0 != channels.1 ? channels.0 > channels.1 : a.info.index < b.info.index
        }
        guard let best = tracks.min(by: isBetter) else { return }
        guard let usable = tracks.filter(\.isUsable).min(by: isBetter) else { return lostSound = best }
        sound = MonoTracks.tracks(with: usable, among: tracks.filter(\.isUsable))
        // The same content in another codec is no loss; a commentary, another language or a part of it is.
        let isSame =
            usable.info.isAlternative == best.info.isAlternative
            && (usable.info.language == best.info.language || usable.info.language == nil || best.info.language == nil)
            && usable.extent.duration >= best.extent.duration / 4 * 3
        if !best.isUsable, !isSame { remarks.append(.replaced(.sound, codec: best.info.codec)) }
    }

    private func reason(_ track: Track) -> String {
        let stream = track.info
        switch stream.kind {
        case .video where subject == .audio: return "only audio is kept"
        case .video, .audio:
            switch track.fault {
            case .damaged?: return "its header is invalid (\(stream.codec))"
            case .unsupported?: return "its codec (\(stream.codec)) is not supported"
            case nil where !stream.isDecodable: return "its codec (\(stream.codec)) is not supported"
            case nil where stream.kind == .audio && sound.count > 1 && stream.sound?.channels == 1:
                return "the channels of the audio are in other tracks"
            case nil: return "another track is better"
            }
        case .cover: return "a cover image, not a video"
        case .subtitle: return "subtitles are not kept"
        case .data: return "data tracks may reveal location and author"
        }
    }
}

extension StreamChoice.Track {
    /// What is missing without a substitute.
    func remark(_ part: Remark.Part) -> Remark {
        fault == .damaged ? .undecodable(part, codec: info.codec) : .unsupported(part, codec: info.codec)
    }

    /// Why the file cannot be converted without it.
    var verdict: Verdict {
        let part: Remark.Part = info.kind == .audio ? .sound : .picture
        return Verdict(
            fault == .damaged ? .unreadableTrack(part, codec: info.codec) : .unsupportedCodec(info.codec), detail: FFmpegLog.lastLines())
    }
}
