internal import CFFmpeg
internal import CFFmpegShims

/// One decoded video or audio frame. Owns a reference to its data; one thread at a time.
final class Frame {
    let pointer: UnsafeMutablePointer<AVFrame>

    init() throws(FFmpegError) {
        pointer = try allocated(av_frame_alloc(), "av_frame_alloc")
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVFrame>? = self.pointer
        av_frame_free(&pointer)
    }

    /// Silence of this many samples in the format of another frame.
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

    /// Drops samples at the beginning of planar audio, with times in samples.
    func dropFirst(_ count: Int) {
        guard count > 0, count <= sampleCount else { return }
        let bytes = count * Int(av_get_bytes_per_sample(sampleFormat))
        for plane in 0..<channels { pointer.pointee.extended_data[plane]? += bytes }
        pointer.pointee.nb_samples -= CInt(count)
        pts = pts.map { $0 + Int64(count) }
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

    /// In the frame's time base; 0 if unknown.
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
    /// Marks it as interlaced.
    func setInterlaced(topFieldFirst: Bool) { shim_frame_set_interlaced(pointer, topFieldFirst ? 1 : 0) }
    var isDamaged: Bool {
        pointer.pointee.decode_error_flags != 0 || pointer.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
    }
    var isKey: Bool { shim_frame_is_key(pointer) != 0 }

    /// Metadata that a filter added to the frame.
    func metadata(_ key: String) -> String? {
        av_dict_get(pointer.pointee.metadata, key, nil, 0).map { String(cString: $0.pointee.value) }
    }

    /// Some audio only has a number of channels, not their layout: then the default layout applies.
    func completeLayout() {
        if pointer.pointee.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC {
            shim_layout_default(&pointer.pointee.ch_layout, CInt(channels))
        }
    }

    /// Whether its channel layout is known, and so how to mix it.
    var hasLayout: Bool { pointer.pointee.ch_layout.order != AV_CHANNEL_ORDER_UNSPEC }

    /// Float audio may contain infinities and NaN. No encoder accepts them, and
    /// one of them would spoil any measurement.
    func tameSamples() throws(FFmpegError) {
        let isWide = [AV_SAMPLE_FMT_DBL, AV_SAMPLE_FMT_DBLP].contains(sampleFormat)
        guard isWide || [AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_FLTP].contains(sampleFormat) else { return }
        guard isWide ? !isTame(Double.self) : !isTame(Float.self) else { return }
        try check(av_frame_make_writable(pointer), "av_frame_make_writable")
        if isWide { tame(Double.self) } else { tame(Float.self) }
    }

    /// Clips samples to an amplitude; for float audio only.
    func cutOff(at ceiling: Float) throws(FFmpegError) {
        guard [AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_FLTP].contains(sampleFormat) else { return }
        guard samples(Float.self).contains(where: { plane in plane.contains { $0.magnitude > ceiling } }) else { return }
        try check(av_frame_make_writable(pointer), "av_frame_make_writable")
        for plane in samples(Float.self) {
            for index in plane.indices { plane[index] = max(-ceiling, min(ceiling, plane[index])) }
        }
    }

    /// The peak amplitude, relative to 1; nil unless it is float audio.
    var peak: Float? {
        guard [AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_FLTP].contains(sampleFormat) else { return nil }
        return samples(Float.self).reduce(0) { most, plane in plane.reduce(most) { max($0, $1.magnitude) } }
    }

    private var sampleFormat: AVSampleFormat { AVSampleFormat(rawValue: pointer.pointee.format) }

    private func isTame<Sample: BinaryFloatingPoint>(_ type: Sample.Type) -> Bool {
        samples(type).allSatisfy { plane in plane.allSatisfy { $0.magnitude <= Sample(Self.loudest) } }
    }

    private func tame<Sample: BinaryFloatingPoint>(_ type: Sample.Type) {
        let loudest = Sample(Self.loudest)
        for plane in samples(type) {
            for index in plane.indices where !(plane[index].magnitude <= loudest) {
                plane[index] = plane[index].isFinite ? max(-loudest, min(loudest, plane[index])) : 0
            }
        }
    }

    /// Far above full scale, which is 1: some programs store integer samples unscaled.
    private static let loudest = 65536.0

    /// One buffer per channel, or one for all. Borrowed: valid as long as the frame's data.
    func samples<Sample>(_ type: Sample.Type) -> [UnsafeMutableBufferPointer<Sample>] {
        let isPlanar = av_sample_fmt_is_planar(sampleFormat) != 0
        return (0..<(isPlanar ? channels : 1)).compactMap { plane in
            guard let start = pointer.pointee.extended_data[plane] else { return nil }
            let count = sampleCount * (isPlanar ? 1 : channels)
            return UnsafeMutableBufferPointer(
                start: UnsafeMutableRawPointer(start).assumingMemoryBound(to: type), count: count)
        }
    }
}
