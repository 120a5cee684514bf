internal import CFFmpeg
internal import CFFmpegShims
internal import Glibc

/// An open file for FFmpeg to read and write: the only way that bytes reach FFmpeg; no path, no protocol
/// handler. The caller keeps the descriptor. One thread at a time.
final class ByteStream {
    enum Direction { case reading, writing }

    private let descriptor: CInt
    /// The offset of the stream in the file: a video may follow a picture.
    private let base: Int64
    private var position: Int64 = 0
    /// Bytes that FFmpeg reads instead of the file's, by offset.
    var repairs: [Int64: UInt8] = [:]
    /// Changes bytes that FFmpeg reads, in the buffer, by their position; `peek` reads the file's own, by count and offset.
    var rewrite: ((_ bytes: UnsafeMutableBufferPointer<UInt8>, _ position: Int64, _ peek: (Int, Int64) -> [UInt8]) -> Void)?
    /// The first error of the file itself, which FFmpeg's layers may replace.
    private(set) var failure: CInt?
    private var io: UnsafeMutablePointer<AVIOContext>?

    /// FFmpeg holds an unowned pointer to this object; the context is freed in `deinit`, so it never outlives it.
    init(descriptor: CInt, direction: Direction, base: Int64 = 0, bufferSize: CInt = 64 * 1024) throws(FFmpegError) {
        self.descriptor = descriptor
        self.base = base
        let opaque = Unmanaged.passUnretained(self).toOpaque()
        io = shim_io_open(
            opaque, bufferSize,
            { opaque, buffer, size in ByteStream.from(opaque).read(buffer, size) },
            direction == .writing ? { opaque, buffer, size in ByteStream.from(opaque).write(buffer, size) } : nil,
            { opaque, offset, whence in ByteStream.from(opaque).seek(offset, whence) })
        guard io != nil else { throw FFmpegError(call: "avio_alloc_context", code: shim_error_no_memory) }
    }

    deinit {
        shim_io_free(&io)
    }

    /// Valid as long as this object.
    var context: UnsafeMutablePointer<AVIOContext>? { io }

    var size: Int64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? max(0, Int64(status.st_size) - base) : shim_error(errno).asOffset
    }

    /// Bytes of the stream, independent of FFmpeg's position; fewer at its end.
    func peek(_ count: Int, at offset: Int64 = 0) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let read = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(base + offset) + off_t(filled))
                if read < 0 && errno == EINTR { continue }
                if read < 0 { _ = fail() }
                if read <= 0 { break }
                filled += read
            }
        }
    }

    /// Flushes the buffer to the file.
    func flush() {
        avio_flush(io)
    }

    private static func from(_ opaque: UnsafeMutableRawPointer?) -> ByteStream {
        // Set once in `init`, never nil.
        Unmanaged<ByteStream>.fromOpaque(opaque.unsafelyUnwrapped).takeUnretainedValue()
    }

    private func read(_ buffer: UnsafeMutablePointer<UInt8>?, _ size: CInt) -> CInt {
        while true {
            let count = pread(descriptor, buffer, Int(size), off_t(base + position))
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return fail() }
            if count == 0 { return shim_error_eof }
            for (place, byte) in repairs where (position..<position + Int64(count)).contains(place - base) {
                buffer?[Int(place - base - position)] = byte
            }
            rewrite?(UnsafeMutableBufferPointer(start: buffer, count: count), position) { peek($0, at: $1) }
            position += Int64(count)
            return CInt(count)
        }
    }

    private func write(_ buffer: UnsafePointer<UInt8>?, _ size: CInt) -> CInt {
        var written = 0
        while written < Int(size) {
            let count = pwrite(descriptor, buffer.map { $0 + written }, Int(size) - written, off_t(base + position))
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return fail() }
            written += count
            position += Int64(count)
        }
        return size
    }

    private func seek(_ offset: Int64, _ whence: CInt) -> Int64 {
        switch whence & ~CInt(AVSEEK_FORCE) {
        case CInt(AVSEEK_SIZE): return size
        case SEEK_SET: return move(to: offset)
        case SEEK_CUR: return move(to: position.addingReportingOverflow(offset).partialValue)
        case SEEK_END: return move(to: size.addingReportingOverflow(offset).partialValue)
        default: return shim_error(EINVAL).asOffset
        }
    }

    private func move(to offset: Int64) -> Int64 {
        guard offset >= 0 else { return shim_error(EINVAL).asOffset }
        position = offset
        return offset
    }

    private func fail() -> CInt {
        let code = shim_error(errno)
        if failure == nil { failure = code }
        return code
    }
}

extension CInt {
    fileprivate var asOffset: Int64 { Int64(self) }
}
