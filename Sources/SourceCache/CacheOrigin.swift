public import HTTPClient

/// Where a source comes from.
public protocol CacheOrigin: Sendable {
    /// Identifies the source, whoever asks: the same content has the same key.
    var key: String { get }
    /// Never shown: it may carry a signature.
    var url: String { get }

    /// Sends one GET with further header fields. Blocks: it runs on a thread of the cache.
    ///
    /// - Parameters:
    ///   - onStep: called at least once a second; false ends it.
    ///   - receive: takes the body of a success.
    /// - Returns: the head of any answer. Throws an `HTTPFault` where there was none, and the store's own error where that says more.
    func get(_ fields: [(name: String, value: String)], onStep: () -> Bool, receive: @escaping HTTPSession.Receiver) throws -> HTTPHead
}
