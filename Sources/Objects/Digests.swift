internal import Crypto
internal import Glibc

/// The hashes of a file, in lower-case hexadecimal, as Fresns writes them.
public struct Digests: Sendable, Equatable {
    public let sha256: String
    /// Nil if not requested.
    public let md5: String?
    /// Bytes read.
    public let size: Int64

    /// Reads the file once. Blocks: call it from a separate thread. `onRead` gets the bytes read so far, often
    /// enough to keep a lease alive; false ends it.
    public static func read(
        descriptor: CInt, md5 wantsMD5: Bool, path: String, onRead: (Int64) -> Bool = { _ in true }
    ) throws(ObjectError) -> Digests {
        var sha256 = SHA256()
        var md5 = wantsMD5 ? Insecure.MD5() : nil
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var offset: Int64 = 0
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(offset))
            if count < 0 {
                if errno == EINTR { continue }
                throw ObjectError(path, call: "pread", code: errno)
            }
            if count == 0 { break }
            buffer.withUnsafeBytes { bytes in
                let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
                sha256.update(bufferPointer: part)
                md5?.update(bufferPointer: part)
            }
            offset += Int64(count)
            guard onRead(offset) else { throw .cancelled(path) }
        }
        return Digests(sha256: hex(sha256.finalize()), md5: md5.map { hex($0.finalize()) }, size: offset)
    }

    /// Lower-case hexadecimal, of bytes in memory.
    public static func sha256(of bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

    private static func hex(_ digest: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
