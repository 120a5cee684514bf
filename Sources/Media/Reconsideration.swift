/// What the work itself brought to light and no header told: the plan is made again with it, and the work begun anew.
struct Reconsideration: Error, Equatable {
    enum Finding: Hashable {
        /// The stream cannot be copied, for a reason.
        case pictureNotCopyable(String)
        case soundNotCopyable(String)
        /// The packets hold notes beside the film.
        case pictureHasNotes
        /// Packets that are marked as keyframes are none: players would jump to them.
        case indexIsWrong
        /// Its pictures are made of two fields, though nothing says so.
        case interlaced(topFieldFirst: Bool)
        /// Nothing in the stream decodes.
        case soundEmpty
        /// The tracks of its channels do not lie side by side: the first is taken alone.
        case soundNotJoinable
        /// The encoder made sound that clips of sound that does not.
        case soundClips
    }

    var finding: Finding
}
