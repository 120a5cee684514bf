internal import CFFmpeg
internal import CFFmpegShims

/// One encoded packet. Owns it; one thread at a time.
final class Packet {
    let pointer: UnsafeMutablePointer<AVPacket>
    /// Independent of the packets before it: the decoder must be drained first.
    var startsAnew = false
    private var moved: Int64 = 0

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
    /// Its approximate memory: a file may consist of nearly empty packets.
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

    /// Shifts its timestamps, in its time base.
    func move(by shift: Int64) {
        moved += shift
        if let pts { pointer.pointee.pts = pts + shift }
        if let dts { pointer.pointee.dts = dts + shift }
    }

    /// Another packet with the same data, and with its timestamps before the shift.
    func unmoved() throws(FFmpegError) -> Packet {
        let packet = try reference()
        packet.move(by: -moved)
        packet.moved = 0
        return packet
    }

    /// A copy of the data.
    var bytes: [UInt8] { Array(UnsafeBufferPointer(start: pointer.pointee.data, count: max(0, size))) }

    func begins(with text: String) -> Bool {
        UnsafeBufferPointer(start: pointer.pointee.data, count: max(0, size)).starts(with: text.utf8)
    }

    /// A copy of the side data of one type; nil if there is none.
    func sideData(_ type: AVPacketSideDataType) -> [UInt8]? {
        var size = 0
        guard let data = av_packet_get_side_data(pointer, type, &size) else { return nil }
        return Array(UnsafeBufferPointer(start: data, count: size))
    }

    func addSideData(_ type: AVPacketSideDataType, _ bytes: [UInt8]) throws(FFmpegError) {
        let data = try allocated(av_packet_new_side_data(pointer, type, bytes.count), "av_packet_new_side_data")
        _ = UnsafeMutableBufferPointer(start: data, count: bytes.count).update(fromContentsOf: bytes)
    }

    func unreference() { av_packet_unref(pointer) }
}
