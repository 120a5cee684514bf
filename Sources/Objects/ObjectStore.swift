/// Where a site's media are: a disk, or a bucket. Nobody else opens, names or removes media.
///
/// Its calls block: use it from a separate thread. `onStep` is called at least once a second, often enough to renew a lease; false
/// ends the call, which then throws `cancelled`.
public protocol ObjectStore: Sendable {
    /// For people: a folder, or a bucket and its address.
    var name: String { get }

    /// Opens an upload for reading: the file itself, or a copy that the store holds for as long as it is open.
    /// Throws `missing` where there is none, and `unavailable` where nothing can be said about any file.
    func openSource(_ path: String, onStep: () -> Bool) throws(ObjectError) -> SourceObject

    /// The opened object in its present state, with another owner perhaps. Nil if its path is another object, or its content changed.
    func unchanged(_ source: SourceObject, onStep: () -> Bool) throws(ObjectError) -> SourceObject?

    /// A name for `makeWork`, to be recorded before the file exists; nil where work files have no name, and leave nothing behind.
    func workName(beside path: String) throws(ObjectError) -> String?

    /// A file to write to.
    func makeWork(named name: String?, for path: String) throws(ObjectError) -> WorkObject

    /// Publishes a finished file under a new name, which must be recorded before: whole, durable, and readable by whoever could read
    /// the source. Replaces nothing.
    ///
    /// If it throws, the name may or may not exist: `remove` it before trying another.
    @discardableResult
    func publish(
        _ work: WorkObject, as path: String, mime: String, like source: SourceObject, onStep: (PublicationStep) -> Bool
    ) throws(ObjectError) -> Publication

    /// A work file with the content of a published object, for another name.
    func duplicate(
        _ path: String, named name: String?, like source: SourceObject, mayLink: Bool, onStep: () -> Bool
    ) throws(ObjectError) -> WorkObject

    /// Nil where there is none.
    func look(_ path: String) throws(ObjectError) -> ObjectFacts?

    /// Removes an object, and whatever an unfinished publication left under its name; false if the store tells that there was none.
    @discardableResult
    func remove(_ path: String) throws(ObjectError) -> Bool

    /// The names in a folder, hidden ones too, in any order.
    func list(_ folder: String) throws(ObjectError) -> [String]
}

/// The stages of publishing a file.
public enum PublicationStep: Sendable {
    /// Partly copied or sent.
    case copying
    /// Its bytes are safe, under no name yet.
    case durable
    /// Visible, but not durable yet.
    case named
    case published
}

/// Attributes of the source that could not be applied.
public struct Publication: Sendable, Equatable {
    /// False if we may not give the file to the source's owner (we are not root).
    public let hasOwner: Bool

    public init(hasOwner: Bool) { self.hasOwner = hasOwner }
}
