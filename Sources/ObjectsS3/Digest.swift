internal import Crypto
internal import FoundationEssentials
internal import Glibc
internal import Objects

/// Hashes as S3's requests carry them.
enum Digest {
    static func sha256(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    static func md5(_ bytes: [UInt8]) -> String { base64(Insecure.MD5.hash(data: bytes)) }

    /// Content-MD5 of a part of a file, which is read by position. Blocks.
    static func md5(of descriptor: CInt, offset: Int64, length: Int64, path: String, onStep: () -> Bool) throws(ObjectError) -> String {
        var hash = Insecure.MD5()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var position: Int64 = 0
        while position < length {
            let count = pread(descriptor, &buffer, Int(min(Int64(buffer.count), length - position)), off_t(offset + position))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .io(path, call: "pread", code: count < 0 ? errno : EIO) }
            buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            position += Int64(count)
            guard onStep() else { throw .cancelled(path) }
        }
        return base64(hash.finalize())
    }

    private static func base64(_ digest: Insecure.MD5Digest) -> String { Data(digest).base64EncodedString() }
}
