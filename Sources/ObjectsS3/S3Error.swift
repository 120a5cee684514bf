public import HTTPClient

/// Why an object store did not do what was asked. Its description is a sentence for people, without secrets.
public enum S3Error: Error, Sendable, Equatable, CustomStringConvertible {
    case transport(HTTPFault)
    /// The store answered with an error; its code and its own words.
    case refused(Refusal)
    /// An answer that does not make sense.
    case unexpected(request: String, why: String)
    /// The caller ended it.
    case cancelled

    public struct Refusal: Sendable, Equatable {
        public let status: Int
        /// As in the answer's XML; empty where there was none, as after HEAD.
        public let code: String
        public let message: String
        /// Method and key.
        public let request: String
        /// The region of the bucket, where the answer tells it.
        let region: String?
        /// The store's clock, in seconds since 1970.
        let clock: Int?

        /// It may be that the clocks differ. After HEAD the store has no words for it: the caller compares the clocks.
        var isOfClock: Bool { code == "RequestTimeTooSkewed" || code == "RequestExpired" || (status == 403 && code.isEmpty) }
    }

    public var code: String? { if case .refused(let refusal) = self { refusal.code } else { nil } }
    public var status: Int? { if case .refused(let refusal) = self { refusal.status } else { nil } }

    /// The object is not there. A bucket that is not there is another matter.
    public var isMissing: Bool { status == 404 && code != "NoSuchBucket" && code != "NoSuchUpload" }

    /// Whether the same request may succeed in a moment.
    public var isTransient: Bool {
        switch self {
        case .transport(let fault): fault.isTransient
        case .refused(let refusal):
            [429, 500, 502, 503, 504].contains(refusal.status)
                || ["RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "OperationAborted"].contains(refusal.code)
                // What arrived is not what was sent.
                || ["BadDigest", "IncompleteBody"].contains(refusal.code)
        case .unexpected: true
        case .cancelled: false
        }
    }

    public var description: String {
        switch self {
        case .transport(let fault): return fault.description
        case .unexpected(let request, let why): return "The store's answer to \(request) cannot be understood: \(why)."
        case .cancelled: return "The exchange with the store was ended."
        case .refused(let refusal):
            let own = [refusal.code, refusal.message].filter { !$0.isEmpty }.joined(separator: ": ")
            return "\(meaning(of: refusal)) (\(refusal.request): \(refusal.status)\(own.isEmpty ? "" : ", \(own)"))"
        }
    }

    private func meaning(of refusal: Refusal) -> String {
        switch refusal.code {
        case "InvalidAccessKeyId": return "The store does not know this access key."
        case "SignatureDoesNotMatch": return "The secret of the access key is wrong."
        case "ExpiredToken", "TokenRefreshRequired", "InvalidToken": return "The access key has expired."
        case "RequestTimeTooSkewed": return "This host's clock differs from the store's by more than it allows."
        case "NoSuchBucket": return "The bucket does not exist."
        case "AccessDenied", "AllAccessDisabled", "AccountProblem": return "The access key may not do this."
        case "SlowDown", "RequestLimitExceeded": return "The store asks for fewer requests."
        case "QuotaExceeded", "XMinioStorageFull", "InsufficientStorage": return "The store has no space left."
        case "EntityTooLarge": return "The store takes no object of this size."
        default: break
        }
        switch refusal.status {
        case 401, 403: return "The access key may not do this."
        case 404: return "There is no such object."
        case 301, 307, 308: return "The bucket is in another region, or has another address."
        case 429: return "The store asks for fewer requests."
        case 500...: return "The store has a fault."
        default: return "The store refused this."
        }
    }
}
