internal import Glibc
internal import MediaWire

/// Starts media children, all from one thread that lives as long as this: a child asks the kernel to be killed when
/// the thread that started it ends.
public final class MediaChildLauncher: Sendable {
    /// The path of `transcoder-media`.
    public let program: String
    private let arguments: [String]
    private let thread = BlockingThread()

    public init(program: String, arguments: [String] = []) {
        self.program = program
        self.arguments = arguments
    }

    public func start() async throws -> MediaChild {
        let program = self.program
        let arguments = self.arguments
        return try await thread.run {
            let (mine, theirs) = try WireChannel.pair()
            let (errors, theirErrors) = try ErrorPipe.open()
            defer { close(theirErrors) }
            let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
            guard nothing >= 0 else { throw ChildError.call("open /dev/null", code: errno) }
            defer { close(nothing) }
            let process = try ChildProcess(
                program: program, arguments: arguments,
                descriptors: [nothing, nothing, theirErrors, theirs.descriptor])
            return MediaChild(process: process, channel: mine, errors: errors)
        }
    }

    /// Beside our own program, then in libexec; nil where it is in neither.
    public static func findProgram() -> String? {
        guard let own = ownPath(), let slash = own.lastIndex(of: "/") else { return nil }
        let folder = own[..<slash]
        let candidates = [
            "\(folder)/transcoder-media", "\(folder)/../libexec/transcoder/transcoder-media",
            "\(folder)/../libexec/transcoder-media",
        ]
        return candidates.first { access($0, X_OK) == 0 }
    }

    private static func ownPath() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { buffer in
            readlink("/proc/self/exe", buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
