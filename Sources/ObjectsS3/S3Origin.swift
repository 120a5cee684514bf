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
        var request = S3Client.Request(method: "GET", key: object, headers: fields.map { ($0.name, $0.value) })
        // Answers that the cache asked for.
        request.accepted = [304, 416]
        let traffic = client.traffic
        return try client.perform(request, onStep: onStep) { head, position, bytes in
            traffic.count(received: bytes.count)
            return receive(head, position, bytes)
        }.head
    }
}
