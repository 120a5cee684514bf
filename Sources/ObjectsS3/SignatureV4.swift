internal import Crypto

/// AWS Signature Version 4 for S3: pure. By Amazon's “Signature Calculations for the Authorization Header” and “Authenticating
/// Requests: Using Query Parameters”.
public struct SignatureV4: Sendable {
    public typealias Pairs = [(name: String, value: String)]

    /// What is signed: nothing else of a request is protected.
    public struct Request: Sendable {
        public var method: String
        /// With port, where it is not the scheme's own.
        public var host: String
        /// Decoded, with its leading slash.
        public var path: String
        /// Decoded.
        public var query: Pairs
        /// Besides Host, and without the `x-amz-` fields that signing adds.
        public var headers: Pairs

        public init(_ method: String, host: String, path: String, query: Pairs = [], headers: Pairs = []) {
            self.method = method
            self.host = host
            self.path = path
            self.query = query
            self.headers = headers
        }
    }

    /// A body's hash where none is signed: TLS and Content-MD5 protect it.
    public static let unsignedPayload = "UNSIGNED-PAYLOAD"
    public static let emptyPayload = Digest.sha256([])

    let credentials: S3Credentials
    let region: String

    public init(_ credentials: S3Credentials, region: String) {
        self.credentials = credentials
        self.region = region
    }

    /// The header fields to send with the request, besides Host.
    public func headers(for request: Request, payload: String, at time: SigningTime) -> Pairs {
        var fields = request.headers + [("x-amz-content-sha256", payload), ("x-amz-date", time.text)]
        if let token = credentials.sessionToken { fields.append(("x-amz-security-token", token)) }
        var signed = request
        signed.headers = fields + [("host", request.host)]
        let names = Self.signedNames(signed)
        let signature = signature(of: signed, query: Self.canonical(request.query), payload: payload, at: time)
        let value = "AWS4-HMAC-SHA256 Credential=\(scope(time, of: credentials.keyID)), SignedHeaders=\(names), Signature=\(signature)"
        return fields + [("Authorization", value)]
    }

    /// The query that lets whoever has it make the request until it expires: as it stands after the question mark.
    /// - Parameter seconds: from the time on; at most a week.
    public func presignedQuery(for request: Request, expiresAfter seconds: Int, at time: SigningTime) -> String {
        var signed = request
        signed.headers.append(("host", request.host))
        var query = request.query + [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", scope(time, of: credentials.keyID)),
            ("X-Amz-Date", time.text),
            ("X-Amz-Expires", "\(seconds)"),
            ("X-Amz-SignedHeaders", Self.signedNames(signed)),
        ]
        if let token = credentials.sessionToken { query.append(("X-Amz-Security-Token", token)) }
        let canonical = Self.canonical(query)
        return "\(canonical)&X-Amz-Signature=\(signature(of: signed, query: canonical, payload: Self.unsignedPayload, at: time))"
    }

    private func signature(of request: Request, query: String, payload: String, at time: SigningTime) -> String {
        let fields = Self.sorted(request.headers).map { "\($0.name):\($0.value)\n" }.joined()
        let canonical = [
            request.method, Self.encoded(request.path, keepsSlash: true), query, fields, Self.signedNames(request), payload,
        ].joined(separator: "\n")
        let text = ["AWS4-HMAC-SHA256", time.text, scope(time), Digest.sha256(Array(canonical.utf8))].joined(separator: "\n")
        let key = [time.day, region, "s3", "aws4_request"].reduce(SymmetricKey(data: Array("AWS4\(credentials.secret)".utf8))) {
            SymmetricKey(data: Self.authenticate($1, $0))
        }
        return Digest.hex(Self.authenticate(text, key))
    }

    private static func authenticate(_ text: String, _ key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    }

    private func scope(_ time: SigningTime) -> String { "\(time.day)/\(region)/s3/aws4_request" }
    private func scope(_ time: SigningTime, of keyID: String) -> String { "\(keyID)/\(scope(time))" }

    private static func signedNames(_ request: Request) -> String {
        sorted(request.headers).map(\.name).joined(separator: ";")
    }

    /// Lower-case names in order; values with runs of spaces as one.
    private static func sorted(_ headers: Pairs) -> Pairs {
        headers.map { (name: $0.name.lowercased(), value: $0.value.split(separator: " ").joined(separator: " ")) }
            .sorted { $0.name < $1.name }
    }

    /// In the order of the encoded names, then of the values: of ASCII, which Swift orders by bytes.
    static func canonical(_ query: Pairs) -> String {
        query.map { (encoded($0.name), encoded($0.value)) }
            .sorted { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0 < $1.0 }
            .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    /// RFC 3986's unreserved characters stay; every other byte is %XX. A path is encoded once.
    public static func encoded(_ text: String, keepsSlash: Bool = false) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            case UInt8(ascii: "/") where keepsSlash: bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
