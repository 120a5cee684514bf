internal import CFFmpeg

extension AVCodecParameters {
    /// The codec's own header, from the container.
    var header: [UInt8] { extradata_size > 0 ? [UInt8](UnsafeBufferPointer(start: extradata, count: Int(extradata_size))) : [] }
}

extension Packet {
    /// Whether the demuxer signals a new header or new parameters from here on.
    func changesParameters(of header: [UInt8]) -> Bool {
        if av_packet_get_side_data(pointer, AV_PKT_DATA_PARAM_CHANGE, nil) != nil { return true }
        var size = 0
        guard let data = av_packet_get_side_data(pointer, AV_PKT_DATA_NEW_EXTRADATA, &size) else { return false }
        return !UnsafeBufferPointer(start: data, count: size).elementsEqual(header)
    }
}
