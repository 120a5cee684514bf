/// What a store tells about an object without opening it.
public struct ObjectFacts: Sendable, Equatable {
    /// Bytes.
    public let size: Int64
    /// Changes with the content; nil where the store has none.
    public let tag: String?

    public init(size: Int64, tag: String?) {
        self.size = size
        self.tag = tag
    }
}
