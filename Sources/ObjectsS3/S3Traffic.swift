internal import Synchronization
internal import HTTPClient

/// Requests and bytes, for the metrics. From any thread.
public final class S3Traffic: Sendable {
    private let requestCount = Atomic<Int>(0)
    private let sentBytes = Atomic<Int64>(0)
    private let receivedBytes = Atomic<Int64>(0)

    public var requests: Int { requestCount.load(ordering: .relaxed) }
    public var sent: Int64 { sentBytes.load(ordering: .relaxed) }
    public var received: Int64 { receivedBytes.load(ordering: .relaxed) }

    func count(_ request: S3Client.Request) {
        requestCount.wrappingAdd(1, ordering: .relaxed)
        if case .file(_, _, let length) = request.body { sentBytes.wrappingAdd(length, ordering: .relaxed) }
    }

    func count(received bytes: Int) { receivedBytes.wrappingAdd(Int64(bytes), ordering: .relaxed) }
}
