internal import MediaWire

/// The poster if the transcode itself produced no frame: one between the keyframes of a copied video, the
/// cover of an audio file, the waveform of copied audio (encoded audio is drawn during encoding).
struct PosterSource {
    let plan: Plan
    let analysis: MediaAnalysis
    /// The open file; the caller keeps it.
    let source: CInt
    let profile: Profile

    /// - Parameter tick: called at every step of an audio scan.
    func find(tick: () throws -> Void) throws -> Frame? {
        if let picture = plan.picture, picture.isCopied {
            return try PosterSearch.find(picture, in: Demuxer(descriptor: source, joining: plan.joins.opening), start: plan.start, profile: profile)
        }
        if case .cover(let index)? = plan.stillPoster, let cover = try cover(index) { return cover }
        // A cover that does not decode is ignored.
        guard plan.stillPoster != nil, let sound = plan.sound else { return nil }
        var waveform = Waveform()
        try AudioScan.run(
            sound.tracks, source: Demuxer(descriptor: source, joining: plan.joins),
            conversion: "aformat=sample_fmts=fltp:channel_layouts=mono", tick: tick
        ) { waveform.take($0) }
        return try waveform.draw()
    }

    private func cover(_ index: Int) throws -> Frame? {
        let demuxer = try Demuxer(descriptor: source)
        guard index < demuxer.streamCount else { return nil }
        return try CoverPicture.decode(demuxer.stream(index), info: analysis.info.streams[index], profile: profile)
    }
}
