internal import Crypto
internal import FoundationEssentials
internal import WorkerConfiguration

/// The signature of a message: HMAC-SHA256 over the time of sending, a full stop, and the body.
enum Signature {
    /// - Parameter timestamp: seconds since 1970, as in the header.
    static func of(_ body: [UInt8], at timestamp: Int64, with secret: SigningSecret) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: secret.bytes))
        code.update(data: Array("\(timestamp).".utf8))
        code.update(data: body)
        return "sha256=" + code.finalize().map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
    }
}
