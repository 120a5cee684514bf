internal import CFFmpeg
internal import CFFmpegShims

/// One packet of coded data. Owns it; one thread at a time.
final class Packet {
    let pointer: UnsafeMutablePointer<AVPacket>
    /// It has nothing to do with the packets before it: what a decoder still holds of them comes out first.
    var startsAnew = false

    init() throws(FFmpegError) {
        pointer = try allocated(av_packet_alloc(), "av_packet_alloc")
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVPacket>? = self.pointer
        av_packet_free(&pointer)
    }

    var streamIndex: Int {
        get { Int(pointer.pointee.stream_index) }
        set { pointer.pointee.stream_index = CInt(newValue) }
    }

    var size: Int { Int(pointer.pointee.size) }
    /// About what it takes of memory: a file may be made of packets that hold next to nothing.
    var weight: Int { size + 512 }
    var isKey: Bool { pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }
    var pts: Int64? { timestamp(pointer.pointee.pts) }
    var dts: Int64? { timestamp(pointer.pointee.dts) }

    /// Another packet with the same data.
    func reference() throws(FFmpegError) -> Packet {
        let packet = try Packet()
        try check(av_packet_ref(packet.pointer, pointer), "av_packet_ref")
        return packet
    }

    func unreference() { av_packet_unref(pointer) }
}
