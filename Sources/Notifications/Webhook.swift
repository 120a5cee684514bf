internal import FoundationEssentials
internal import HTTPClient
internal import MediaWire
internal import Platform
internal import WorkerConfiguration

/// Sends a message to an address over HTTP, signed. Follows no redirect, and reads no more than the beginning of an answer.
struct Webhook: Sendable {
    let address: WebhookAddress
    let secret: SigningSecret
    /// Seconds for the whole exchange.
    var limit = 10

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Returns what was answered, as a sentence. Throws a `Failure`, a sentence, if that is no success.
    func send(_ body: [UInt8]) async throws(Failure) -> String {
        let start = ContinuousClock.now
        let response: HTTPResponse
        do {
            // A thread for as long as it takes: messages are rare.
            response = try await BlockingThread().run { try exchange(body) }
        } catch {
            throw Failure(description: PlainText.line("\(error)"))
        }
        let status = response.head.status
        let seconds = Quantity.tenths((ContinuousClock.now - start) / .seconds(1))
        let said = "\(address.origin) answered \(status) within \(seconds) s"
        switch status {
        case 200..<300: return "\(said)."
        case 300..<400: throw Failure(description: "\(said): redirects are not followed. Set notify.webhook.url to the final address.")
        default:
            let text = PlainText.line(String(decoding: response.body, as: UTF8.self))
            throw Failure(description: text.isEmpty ? "\(said)." : "\(said): \(text)")
        }
    }

    private func exchange(_ body: [UInt8]) throws(HTTPFault) -> HTTPResponse {
        let timestamp = Int64(Date().timeIntervalSince1970)
        var policy = HTTPPolicy()
        policy.wholeSeconds = limit
        policy.keptBytes = 200
        let request = HTTPRequest(
            "POST", address.text,
            headers: [
                ("Content-Type", "application/json"), ("User-Agent", "transcoder/\(Version.current)"), ("X-Transcoder-Timestamp", "\(timestamp)"),
                ("X-Transcoder-Signature", Signature.of(body, at: timestamp, with: secret)),
            ], body: .bytes(body))
        // What a success says is of no interest.
        return try HTTPSession(policy).perform(request, receive: { _, _, _ in true })
    }
}
