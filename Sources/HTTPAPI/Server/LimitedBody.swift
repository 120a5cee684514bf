internal import Hummingbird
internal import NIOCore

/// A request body without Content-Length, or one that is sent only after 100-continue.
struct LimitedBody: AsyncSequence, Sendable {
    let base: RequestBody
    /// Bytes.
    let most: Int
    /// Called before the first part is read.
    let begin: @Sendable () async throws -> Void

    static func tooLong(_ most: Int) -> HTTPError {
        HTTPError(.contentTooLarge, message: "The body may have at most \(most) bytes.")
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: base.makeAsyncIterator(), body: self) }

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: RequestBody.AsyncIterator
        let body: LimitedBody
        private var count = 0
        private var hasBegun = false

        init(base: RequestBody.AsyncIterator, body: LimitedBody) {
            self.base = base
            self.body = body
        }

        mutating func next() async throws -> ByteBuffer? {
            if !hasBegun {
                hasBegun = true
                try await body.begin()
            }
            guard let part = try await base.next() else { return nil }
            count += part.readableBytes
            guard count <= body.most else { throw LimitedBody.tooLong(body.most) }
            return part
        }
    }
}
