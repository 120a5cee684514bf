/// A finding during the work that no header revealed: the plan is made again with it, and the work restarts.
struct ReplanRequest: Error, Equatable {
    enum Finding: Hashable {
        /// The stream cannot be copied, with the reason.
        case pictureNotCopyable(String)
        case soundNotCopyable(String)
        /// The packets contain user data.
        case pictureHasNotes
        /// Packets are wrongly marked, or not marked, as keyframes: players would seek to them.
        case indexIsWrong
        /// It is interlaced, although not flagged: all of it, or from an output time on, in
        /// microseconds.
        case interlaced(topFieldFirst: Bool, since: Int64?)
        /// The stream does not decode.
        case soundEmpty
        /// The tracks of its channels are not parallel: only the first is used.
        case soundNotJoinable
        /// A later part has more channels, or a higher rate, than the first.
        case soundGainsOnTheWay(channels: Int, sampleRate: Int)
        /// The encoder's output clips, although its input does not.
        case soundClips
    }

    var finding: Finding
}
