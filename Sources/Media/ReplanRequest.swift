/// What the work itself brought to light and no header told: the plan is made again with it, and the work begun anew.
struct ReplanRequest: Error, Equatable {
    enum Finding: Hashable {
        /// The stream cannot be copied, for a reason.
        case pictureNotCopyable(String)
        case soundNotCopyable(String)
        /// The packets hold notes beside the film.
        case pictureHasNotes
        /// Packets that are marked as keyframes are none, or the other way round: players would jump to them.
        case indexIsWrong
        /// Its pictures are made of two fields, though nothing says so: all, or those from a time of the output on, in
        /// microseconds.
        case interlaced(topFieldFirst: Bool, since: Int64?)
        /// Nothing in the stream decodes.
        case soundEmpty
        /// The tracks of its channels do not lie side by side: the first is taken alone.
        case soundNotJoinable
        /// A later part has more channels, or a higher rate, than the first.
        case soundGainsOnTheWay(channels: Int, sampleRate: Int)
        /// The encoder made sound that clips of sound that does not.
        case soundClips
    }

    var finding: Finding
}
