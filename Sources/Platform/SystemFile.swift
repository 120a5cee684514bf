internal import Glibc

/// A small file that is read at once, such as those of /proc.
package enum SystemFile {
    /// The whole content; nil if it cannot be read.
    package static func text(_ path: String) -> String? { (try? bytes(path)).map { String(decoding: $0, as: UTF8.self) } }

    /// The whole content, of text only.
    package static func wholeText(_ path: String) throws(SystemFileError) -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else { throw SystemFileError(code: EILSEQ) }
        return text
    }

    private static let largest = 16 << 20

    private static func bytes(_ path: String) throws(SystemFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFileError(code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemFileError(code: errno) }
            guard count > 0 else { return bytes }
            bytes += part[..<count]
            // Of a device, for example.
            guard bytes.count <= largest else { throw SystemFileError(code: EFBIG) }
        }
    }
}

package struct SystemFileError: Error {
    package let code: CInt

    /// To follow “cannot be read:”.
    package var why: String {
        switch code {
        case EACCES, EPERM: "this user may not read it"
        case EISDIR: "it is a folder"
        case EILSEQ: "it is not text in UTF-8"
        default: String(cString: strerror(code))
        }
    }
}
