internal import Glibc
public import HTTPClient
internal import Synchronization

/// Signed requests to one bucket, repeated where that may help. Calls block; they may come from any thread.
public final class S3Client: Sendable {
    private let credentials: S3Credentials
    private let sessions: SessionPool
    private let patient: SessionPool
    private let state: Mutex<State>
    public let traffic = S3Traffic()
    /// The address of the settings.
    public let address: S3Address

    private struct State {
        var address: S3Address
        var region: String
        /// Seconds that the store's clock is ahead.
        var skew = 0
    }

    public struct Request: Sendable {
        var method: String
        var key: String
        var query: SignatureV4.Pairs = []
        var headers: SignatureV4.Pairs = []
        var body = HTTPRequest.Body.none
        /// Statuses that are answers, beside those of success.
        var accepted: Set<Int> = []
        /// Where the exchange broke: otherwise that is the caller's matter.
        var isRepeated = true
        /// The store may work for minutes before it answers.
        var isSlow = false

        /// Answered with the object's tag by every store. An answer without is somebody else's: of a proxy on the way, or a text about a fault.
        var isOfObject: Bool {
            !key.isEmpty && ["GET", "HEAD", "PUT"].contains(method) && !headers.contains { $0.name == Self.copySource }
        }

        static let copySource = "x-amz-copy-source"

        /// For messages.
        var label: String { "\(method) \(key.isEmpty ? "the bucket" : key)" }
    }

    private static let attempts = 5

    public init(_ address: S3Address, region: String, credentials: S3Credentials, policy: HTTPPolicy = HTTPPolicy()) {
        self.address = address
        self.credentials = credentials
        var policy = policy
        // A list of a thousand keys.
        policy.keptBytes = 8 << 20
        sessions = SessionPool(policy: policy)
        policy.stallSeconds = max(policy.stallSeconds, 600)
        patient = SessionPool(policy: policy)
        state = Mutex(State(address: address, region: region))
    }

    /// How far the store's clock is from this host's, in seconds, once it refused a request for that.
    public var clockSkew: Int { state.withLock { $0.skew } }

    /// - Parameters:
    ///   - onStep: called at least once a second; false ends the request.
    ///   - receive: takes the body of a success; from its first byte again where a request is repeated.
    func perform(
        _ request: Request, onStep: () -> Bool = { true }, receive: HTTPSession.Receiver? = nil
    ) throws(S3Error) -> HTTPResponse {
        var attempt = 1
        var corrections = 0
        while true {
            do throws(S3Error) {
                return try once(request, onStep: onStep, receive: receive)
            } catch {
                if corrections < 2, correct(worded(error, of: request, onStep: onStep), request) {
                    corrections += 1
                    continue
                }
                guard error.isTransient, attempt < Self.attempts else { throw error }
                if case .transport = error, !request.isRepeated { throw error }
                try pause(before: attempt, onStep)
                attempt += 1
            }
        }
    }

    private func once(_ request: Request, onStep: () -> Bool, receive: HTTPSession.Receiver?) throws(S3Error) -> HTTPResponse {
        let now = state.withLock { $0 }
        let time = SigningTime(Int(Glibc.time(nil)) + now.skew)
        let signature = SignatureV4(credentials, region: now.region)
        let signed = SignatureV4.Request(
            request.method, host: now.address.host, path: now.address.path(of: request.key), query: request.query, headers: request.headers)
        let payload =
            switch request.body {
            case .none: SignatureV4.emptyPayload
            case .bytes(let bytes): Digest.sha256(bytes)
            // Its Content-MD5 is signed.
            case .file: SignatureV4.unsignedPayload
            }
        let query = SignatureV4.canonical(request.query)
        // What has a body by its method is to say that it is empty.
        var body = request.body
        if case .none = body, ["PUT", "POST"].contains(request.method) { body = .bytes([]) }
        let http = HTTPRequest(
            request.method,
            now.address.origin + SignatureV4.encoded(signed.path, keepsSlash: true) + (query.isEmpty ? "" : "?\(query)"),
            headers: signature.headers(for: signed, payload: payload, at: time), body: body)
        let response: HTTPResponse
        var isForeign = false
        let receiver: HTTPSession.Receiver? = receive.map { receive in
            { head, position, bytes in
                isForeign = request.isOfObject && head["etag"] == nil
                return !isForeign && receive(head, position, bytes)
            }
        }
        do throws(HTTPFault) {
            response = try (request.isSlow ? patient : sessions).with { session throws(HTTPFault) in
                try session.perform(http, onProgress: { _, _ in onStep() }, receive: receiver)
            }
        } catch {
            if isForeign { throw .unexpected(request: request.label, why: "it has no ETag") }
            throw error.kind == .cancelled ? .cancelled : .transport(error)
        }
        traffic.count(request)
        if request.accepted.contains(response.head.status) { return response }
        guard response.head.isSuccess else { throw Self.error(response, request) }
        // CompleteMultipartUpload and CopyObject answer 200 before they know.
        guard XMLText(response.body)["Error"] == nil else { throw Self.error(response, request) }
        guard !request.isOfObject || response.head["etag"] != nil else { throw .unexpected(request: request.label, why: "it has no ETag") }
        return response
    }

    /// The same refusal with its words, which an answer to HEAD has not: Swift names the bucket's region nowhere else.
    private func worded(_ refused: S3Error, of request: Request, onStep: () -> Bool) -> S3Error {
        guard case .refused(let refusal) = refused, refusal.status == 400, refusal.region == nil, request.method == "HEAD" else { return refused }
        do throws(S3Error) {
            _ = try once(Request(method: "GET", key: request.key, headers: [("Range", "bytes=0-0")]), onStep: onStep, receive: nil)
        } catch {
            if error.status == refusal.status { return error }
        }
        return refused
    }

    /// Adopts what the store says about its clock or the bucket's region. False where that changes nothing.
    private func correct(_ error: S3Error, _ request: Request) -> Bool {
        guard case .refused(let refusal) = error else { return false }
        return state.withLock { state in
            if let seconds = refusal.clock, refusal.isOfClock {
                let skew = seconds - Int(Glibc.time(nil))
                if abs(skew - state.skew) > 60 {
                    state.skew = skew
                    return true
                }
            }
            guard let region = refusal.region, !region.isEmpty, region != state.region else { return false }
            state.region = region
            state.address = state.address.moved(to: region)
            return true
        }
    }

    /// Twice as long each time, by chance up to as much again: many hosts do not return at once.
    private func pause(before attempt: Int, _ onStep: () -> Bool) throws(S3Error) {
        let seconds = min(10, 0.2 * Double(1 << attempt)) * Double.random(in: 0.5..<1)
        for _ in 0..<max(1, Int(seconds / 0.1)) {
            guard onStep() else { throw .cancelled }
            usleep(100_000)
        }
    }

    private static func error(_ response: HTTPResponse, _ request: Request) -> S3Error {
        let text = XMLText(response.body)
        return .refused(
            S3Error.Refusal(
                status: response.head.status, code: text["Code"] ?? "", message: String((text["Message"] ?? "").prefix(200)),
                request: request.label, region: response.head["x-amz-bucket-region"] ?? text["Region"],
                clock: response.head["date"].flatMap(HTTPDate.seconds)))
    }
}
