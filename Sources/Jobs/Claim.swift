/// The right to work on one file, as given by the database. Every later write names its token, and a write that matches
/// no row means that the right is gone.
public struct Claim: Sendable, Equatable {
    /// `files.id`.
    public var fileID: Int64
    /// The fence: it rises with every claim, and with every loss, of the same file.
    public var token: Int64
    /// `files.path` at the moment of the claim. A row whose path is another by now is another file.
    public var path: String
    /// Where the bytes to transcode are: `path`, or the kept original when a finished file is done again.
    public var source: String
    /// 1 for the first try. Tries are counted by verdicts, not by claims.
    public var attempt: Int

    /// Whether the try before this one found no source, and the wait after it is over.
    public var isSecondLook = false

    public init(fileID: Int64, token: Int64, path: String, attempt: Int, source: String? = nil) {
        self.fileID = fileID
        self.token = token
        self.path = path
        self.source = source ?? path
        self.attempt = attempt
    }
}
