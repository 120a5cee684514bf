internal import CFFmpeg
internal import CFFmpegShims

/// One decoded picture or block of sound. Owns a reference to its data; one thread at a time.
final class Frame {
    let pointer: UnsafeMutablePointer<AVFrame>

    init() throws(FFmpegError) {
        pointer = try allocated(av_frame_alloc(), "av_frame_alloc")
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVFrame>? = self.pointer
        av_frame_free(&pointer)
    }

    /// So many samples of silence in the format of another frame.
    static func silence(like other: Frame, samples: Int) throws(FFmpegError) -> Frame {
        let frame = try Frame()
        frame.pointer.pointee.format = other.pointer.pointee.format
        frame.pointer.pointee.sample_rate = other.pointer.pointee.sample_rate
        frame.pointer.pointee.nb_samples = CInt(samples)
        try check(
            av_channel_layout_copy(&frame.pointer.pointee.ch_layout, &other.pointer.pointee.ch_layout),
            "av_channel_layout_copy")
        try check(av_frame_get_buffer(frame.pointer, 0), "av_frame_get_buffer")
        try check(
            av_samples_set_silence(
                frame.pointer.pointee.extended_data, 0, CInt(samples), CInt(other.channels),
                AVSampleFormat(rawValue: other.pointer.pointee.format)), "av_samples_set_silence")
        return frame
    }

    /// A second reference to the same data.
    func reference() throws(FFmpegError) -> Frame {
        let copy = try Frame()
        try check(av_frame_ref(copy.pointer, pointer), "av_frame_ref")
        return copy
    }

    func unreference() { av_frame_unref(pointer) }

    var pts: Int64? {
        get { timestamp(pointer.pointee.pts) }
        set { pointer.pointee.pts = newValue ?? shim_nopts }
    }

    /// The decoder's best guess, which repairs missing and wrong timestamps.
    var bestEffortTimestamp: Int64? { timestamp(pointer.pointee.best_effort_timestamp) }

    /// In the frame's time base; 0 where unknown.
    var duration: Int64 {
        get { shim_frame_duration(pointer) }
        set { shim_frame_set_duration(pointer, newValue) }
    }

    var width: Int { Int(pointer.pointee.width) }
    var height: Int { Int(pointer.pointee.height) }
    var sampleCount: Int { Int(pointer.pointee.nb_samples) }
    var sampleRate: Int { Int(pointer.pointee.sample_rate) }
    var channels: Int { Int(pointer.pointee.ch_layout.nb_channels) }
    var isInterlaced: Bool { shim_frame_is_interlaced(pointer) != 0 }
    var isDamaged: Bool {
        pointer.pointee.decode_error_flags != 0 || pointer.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
    }
    var isKey: Bool { shim_frame_is_key(pointer) != 0 }

    /// What a filter noted on the frame.
    func metadata(_ key: String) -> String? {
        av_dict_get(pointer.pointee.metadata, key, nil, 0).map { String(cString: $0.pointee.value) }
    }

    /// Some sound says how many channels it has, and not which: then they are the usual ones.
    func completeLayout() {
        if pointer.pointee.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC {
            shim_layout_default(&pointer.pointee.ch_layout, CInt(channels))
        }
    }
}
