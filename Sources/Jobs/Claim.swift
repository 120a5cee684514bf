/// The right to work on one file, granted by the database. Every later write checks its token, and a write that matches
/// no row means that the claim is lost.
public struct Claim: Sendable, Equatable {
    /// `files.id`.
    public var fileID: Int64
    /// The fencing token: it increases with every claim, and every loss, of the same file.
    public var token: Int64
    /// `files.path` at the time of the claim. If the row has another path now, it is another file.
    public var path: String
    /// The path of the source: `path`, or the kept original when a finished file is transcoded again.
    public var source: String
    /// Which has the source, and gets the result.
    public var store: FileStore
    /// 1 for the first attempt. Verdicts count as attempts, claims do not.
    public var attempt: Int

    /// Whether the previous attempt found no source, and the wait after it is over.
    public var isSecondLook = false

    public init(fileID: Int64, token: Int64, path: String, attempt: Int, source: String? = nil, store: FileStore = .disk) {
        self.fileID = fileID
        self.token = token
        self.path = path
        self.source = source ?? path
        self.store = store
        self.attempt = attempt
    }
}
