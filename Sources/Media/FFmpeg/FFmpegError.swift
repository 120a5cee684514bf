internal import CFFmpeg
internal import CFFmpegShims

/// A failed FFmpeg call: its name, its code, and FFmpeg's log so far.
public struct FFmpegError: Error, CustomStringConvertible, Sendable {
    public let call: String
    public let code: CInt
    public let log: String

    init(call: String, code: CInt) {
        self.call = call
        // Without memory or threads, third-party encoders only report a generic failure, and a failed thread returns
        // EAGAIN for either.
        let isVague = code == shim_error_external || code == shim_error_again
        if isVague, MemoryShortage.exists {
            self.code = shim_error_no_memory
        } else {
            self.code = code == shim_error_external && ThreadShortage.exists ? shim_error_again : code
        }
        self.log = FFmpegLog.lastLines()
    }

    /// Memory, threads or disk space are short: not the file's fault.
    var isShortage: Bool { [shim_error_no_memory, shim_error_again, shim_error_no_space, shim_error_io].contains(code) }

    /// This FFmpeg lacks a feature that the file needs: not the file's fault either.
    var isMissingSupport: Bool {
        [shim_error_patch_welcome, shim_error_not_implemented, shim_error_no_decoder, shim_error_experimental].contains(code)
    }

    public var description: String {
        let message = "\(call): \(FFmpegError.text(of: code))"
        return log.isEmpty ? message : "\(message)\n\(log)"
    }

    /// FFmpeg's message for a code.
    static func text(of code: CInt) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress, av_strerror(code, start, 128) == 0 else { return "error \(code)" }
            return String(cString: start)
        }
    }
}

/// FFmpeg's last error lines; shared by the whole process, which serves one job.
public enum FFmpegLog {
    /// Keeps the last lines from here on, instead of printing them.
    public static func start() {
        shim_log_clear()
        shim_log_start()
    }

    /// The number of lines so far: if it increases, FFmpeg has reported something.
    static var total: Int { shim_log_total() }

    /// A demuxer had no room for another stream.
    static var sawFullDemuxer: Bool { shim_log_saw_full_demuxer() != 0 }

    static func lastLines() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 2048) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            _ = shim_log_copy(start, 2048)
            return String(cString: start)
        }
    }
}

/// Returns a result, or throws if it is negative.
@discardableResult
func check(_ code: CInt, _ call: @autoclosure () -> String) throws(FFmpegError) -> CInt {
    guard code >= 0 else { throw FFmpegError(call: call(), code: code) }
    return code
}

/// Returns an allocation, or throws if memory ran out.
func allocated<Value>(_ pointer: UnsafeMutablePointer<Value>?, _ call: String) throws(FFmpegError)
    -> UnsafeMutablePointer<Value>
{
    guard let pointer else { throw FFmpegError(call: call, code: shim_error_no_memory) }
    return pointer
}
