public import HTTPClient
public import SourceCache

/// An object of a bucket, for the cache of sources.
public struct S3Origin: CacheOrigin {
    private let client: S3Client
    private let object: String

    public init(_ client: S3Client, object: String) {
        self.client = client
        self.object = object
    }

    public var key: String { "\(client.address.origin)\(client.address.path(of: object))" }
    public var url: String { key }

    public func get(_ fields: [(name: String, value: String)], onStep: () -> Bool, receive: @escaping HTTPSession.Receiver) throws -> HTTPHead {
        var request = S3Client.Request(method: "GET", key: object, headers: fields)
        // Answers that the cache asked for.
        request.accepted = [304, 416]
        // It goes on where the transfer broke, and does not begin it again.
        request.isRepeated = false
        let traffic = client.traffic
        do throws(S3Error) {
            return try client.perform(request, onStep: onStep) { head, position, bytes in
                traffic.count(received: bytes.count)
                return receive(head, position, bytes)
            }.head
        } catch {
            if case .transport(let fault) = error { throw fault }
            throw error
        }
    }
}
