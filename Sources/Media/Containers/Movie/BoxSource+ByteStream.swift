internal import MediaWire

extension BoxSource {
    /// The boxes of a file that FFmpeg reads too; independent of its position.
    init(_ stream: ByteStream) {
        self.init(size: stream.size) { stream.peek($1, at: $0) }
    }
}
