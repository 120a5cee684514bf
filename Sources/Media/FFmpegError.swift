internal import CFFmpeg
internal import CFFmpegShims

/// A call of FFmpeg's failed: which, with what code, and what FFmpeg had logged by then.
public struct FFmpegError: Error, CustomStringConvertible, Sendable {
    public let call: String
    public let code: CInt
    public let log: String

    init(call: String, code: CInt) {
        self.call = call
        // For want of memory or of a thread, encoders of others say no more than that they failed, and a thread is to be tried
        // "again" for want of either.
        let isVague = code == shim_error_external || code == shim_error_again
        if isVague, MemoryHeadroom.isGone {
            self.code = shim_error_no_memory
        } else {
            self.code = code == shim_error_external && ThreadHeadroom.isGone ? shim_error_again : code
        }
        self.log = FFmpegLog.lastLines()
    }

    /// Memory, threads or the disk are short, and the file is not to blame.
    var isShortage: Bool { [shim_error_no_memory, shim_error_again, shim_error_no_space, shim_error_io].contains(code) }

    /// This FFmpeg lacks what the file asks for: the file is not to blame either.
    var isMissingSupport: Bool {
        [shim_error_patch_welcome, shim_error_not_implemented, shim_error_no_decoder, shim_error_experimental].contains(code)
    }

    /// The muxer, or a filter of its own before it, makes nothing of a packet.
    var isOfPacket: Bool { call == Muxer.writing && !isShortage }

    public var description: String {
        let message = "\(call): \(FFmpegError.text(of: code))"
        return log.isEmpty ? message : "\(message)\n\(log)"
    }

    /// FFmpeg's own words for a code.
    static func text(of code: CInt) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress, av_strerror(code, start, 128) == 0 else { return "error \(code)" }
            return String(cString: start)
        }
    }
}

/// FFmpeg's last lines of level error; shared by the whole process, which serves one job.
public enum FFmpegLog {
    /// Keeps the last lines from here on, instead of printing them.
    public static func start() {
        shim_log_clear()
        shim_log_start()
    }

    /// How many lines there have been: where it grows, FFmpeg has complained.
    static var total: Int { shim_log_total() }

    static func lastLines() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 2048) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            _ = shim_log_copy(start, 2048)
            return String(cString: start)
        }
    }
}

/// Passes a result on, or throws where it is negative.
@discardableResult
func check(_ code: CInt, _ call: @autoclosure () -> String) throws(FFmpegError) -> CInt {
    guard code >= 0 else { throw FFmpegError(call: call(), code: code) }
    return code
}

/// Passes an allocation on, or throws where memory ran out.
func allocated<Value>(_ pointer: UnsafeMutablePointer<Value>?, _ call: String) throws(FFmpegError)
    -> UnsafeMutablePointer<Value>
{
    guard let pointer else { throw FFmpegError(call: call, code: shim_error_no_memory) }
    return pointer
}
