internal import AsyncHTTPClient
internal import FoundationEssentials
internal import Glibc
internal import MediaWire
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Platform
internal import WorkerConfiguration

/// Sends a message to an address over HTTP, signed. Follows no redirect, and reads no more than the beginning of an answer.
struct Webhook: Sendable {
    let address: WebhookAddress
    let secret: SigningSecret
    /// For the whole exchange.
    var limit: Duration = .seconds(10)

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Returns what was answered, as a sentence. Throws a `Failure`, a sentence, if that is no success.
    func send(_ body: [UInt8]) async throws(Failure) -> String {
        do {
            guard try SpareResources.has(descriptors: 16) else { throw Failure(description: "The process has no free file descriptors.") }
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(description: "\(error)")
        }
        // A thread for as long as it takes: messages are rare.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.httpVersion = .http1Only
        // We try again ourselves, later.
        settings.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: settings)
        let result: Result<String, Failure>
        do {
            result = .success(try await exchange(body, client))
        } catch let error as Failure {
            result = .failure(error)
        } catch {
            result = .failure(Failure(description: "\(address.origin) could not be reached: \(Self.reason(error))."))
        }
        try? await client.shutdown()
        try? await group.shutdownGracefully()
        return try result.get()
    }

    private func exchange(_ body: [UInt8], _ client: HTTPClient) async throws -> String {
        let start = ContinuousClock.now
        let timestamp = Int64(Date().timeIntervalSince1970)
        var request = HTTPClientRequest(url: address.text)
        request.method = .POST
        request.headers = HTTPHeaders([
            ("Content-Type", "application/json"), ("User-Agent", "transcoder/\(Version.current)"), ("X-Transcoder-Timestamp", "\(timestamp)"),
            ("X-Transcoder-Signature", Signature.of(body, at: timestamp, with: secret)),
        ])
        request.body = .bytes(ByteBuffer(bytes: body))
        let answer = try await client.execute(request, timeout: TimeAmount(limit))
        let status = Int(answer.status.code)
        let seconds = Quantity.tenths((ContinuousClock.now - start) / .seconds(1))
        let said = "\(address.origin) answered \(status) within \(seconds) s"
        switch status {
        case 200..<300: return "\(said)."
        case 300..<400: throw Failure(description: "\(said): redirects are not followed. Set notify.webhook.url to the final address.")
        default:
            let text = await beginning(of: answer)
            throw Failure(description: text.isEmpty ? "\(said)." : "\(said): \(text)")
        }
    }

    /// Whatever is longer, or comes too slowly, is of no interest.
    private func beginning(of answer: HTTPClientResponse) async -> String {
        var bytes: [UInt8] = []
        do {
            for try await part in answer.body {
                bytes += part.readableBytesView.prefix(200 - bytes.count)
                if bytes.count >= 200 { break }
            }
        } catch {}
        return PlainText.line(String(decoding: bytes, as: UTF8.self))
    }

    /// Without the address, whose path may be secret.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: PlainText.line(error.shortDescription)
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { reason($0.error) } ?? "its name cannot be resolved"
        default: PlainText.line(String("\(error)".prefix(200)))
        }
    }
}
