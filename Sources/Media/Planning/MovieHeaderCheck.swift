internal import CFFmpeg
internal import MediaWire

/// Whether an MP4's index matches its samples: unlike FFmpeg, browsers rely on it.
struct MovieHeaderCheck {
    let header: MovieHeader
    let picture: VideoFacts?
    let sound: AudioFacts?
    /// Bytes.
    let fileSize: Int

    /// The tolerance of durations in seconds: an encoder's padding and a frame.
    private static let tolerance = 0.1

    /// Why the file is not kept, phrased to follow “write MP4 …”; nil if browsers accept it.
    func objection() -> String? {
        let handlers = header.tracks.map(\.handler).sorted()
        guard handlers == [sound.map { _ in "soun" }, picture.map { _ in "vide" }].compactMap({ $0 }) else {
            return "its header lists other tracks than the file has"
        }
        let groups = header.tracks.map(\.alternateGroup).filter { $0 != 0 }
        if Set(groups).count < groups.count { return "its header marks one track as an alternative to the other" }
        for track in header.tracks {
            if let objection = objectionToTables(track) ?? objectionToEdits(track) ?? objectionToTimes(track) { return objection }
            if let objection = track.handler == "vide" ? objectionToPicture(track) : objectionToSound(track) { return objection }
        }
        if let beginning = header.tracks.map(\.emptyBeginning).min(), beginning > Self.tolerance { return "it begins with an empty edit" }
        let longest = header.tracks.compactMap(\.duration).max() ?? 0
        guard let duration = header.duration, abs(duration - longest) <= Self.tolerance else { return wrongDuration }
        return nil
    }

    private let wrongDuration = "its header has another duration than its samples"

    private func objectionToTables(_ track: MovieTrack) -> String? {
        if !track.isEnabled { return "a track is disabled" }
        if track.entry.count != 1 { return "its samples have several descriptions" }
        if !track.samples.isConsistent { return "the tables of its index are inconsistent" }
        if track.samples.end > UInt64(fileSize) { return "its index points beyond the end of the file" }
        if !track.samples.areTimesSensible { return "the times in its index are invalid" }
        return nil
    }

    private func objectionToEdits(_ track: MovieTrack) -> String? {
        if track.edits.isEmpty { return nil }
        let parts = track.edits.filter { $0.start != nil }
        // Nothing may precede a single edit.
        guard parts.count == 1, track.edits.last?.start != nil, let part = parts.first, let start = part.start, start >= 0,
            part.isAtNormalSpeed
        else { return "not every player supports its edit list" }
        guard abs(part.duration - (track.samples.shownUntil - start)) <= Self.tolerance else { return "its edit list hides a part of it" }
        return nil
    }

    private func objectionToTimes(_ track: MovieTrack) -> String? {
        let shown = track.edits.isEmpty ? track.samples.duration : track.edits.reduce(0) { $0 + $1.duration }
        guard let media = track.mediaDuration, abs(media - track.samples.duration) <= Self.tolerance, let duration = track.duration,
            abs(duration - shown) <= Self.tolerance
        else { return wrongDuration }
        return nil
    }

    private func objectionToPicture(_ track: MovieTrack) -> String? {
        guard let picture else { return nil }
        guard track.entry.name == "avc1", track.entry.hasPictureConfiguration else {
            return "its header names its video codec “\(PlainText.line(track.entry.name))”, which not every player supports"
        }
        guard track.isMatrixPlain, header.isMatrixPlain else { return "its header moves or rotates the picture" }
        guard track.width == picture.width, track.height == picture.height else {
            return "its header has another size than its frames"
        }
        if let shape = track.entry.pixelShape, shape.width == 0 || shape.width != shape.height {
            return "its header says that its pixels are not square"
        }
        if let colours = track.entry.colours, !colours.isKnown || !agrees(colours, picture.colour) {
            return "its header has other colours than its frames"
        }
        return nil
    }

    /// 2 means "unspecified".
    private func agrees(_ told: (isKnown: Bool, primaries: UInt64, transfer: UInt64, matrix: UInt64), _ colour: Colour) -> Bool {
        (told.primaries == 2 || told.primaries == UInt64(colour.primaries.rawValue))
            && (told.matrix == 2 || told.matrix == UInt64(colour.matrix.rawValue))
            && (told.transfer == 2 || told.transfer == UInt64(colour.transfer.rawValue))
    }

    private func objectionToSound(_ track: MovieTrack) -> String? {
        guard let sound else { return nil }
        guard track.entry.name == "mp4a", track.entry.soundVersion == 0, track.entry.objectType == 0x40 else {
            return "its header names its audio codec “\(PlainText.line(track.entry.name))”, which not every player supports"
        }
        guard track.entry.soundRate == UInt64(sound.sampleRate) || track.entry.soundRate == 0 else {
            return "its header has another sample rate than its audio"
        }
        return nil
    }
}
