internal import CFFmpeg

/// The channels of an audio frame, in order: the same number of channels may have another layout.
struct ChannelLayout: Equatable {
    private let order: UInt32
    private let count: CInt
    private let mask: UInt64
    /// For layouts without a mask.
    private let description: String?

    init(_ frame: Frame) {
        order = frame.pointer.pointee.ch_layout.order.rawValue
        count = frame.pointer.pointee.ch_layout.nb_channels
        let isMasked = frame.pointer.pointee.ch_layout.order == AV_CHANNEL_ORDER_NATIVE
        mask = isMasked ? frame.pointer.pointee.ch_layout.u.mask : 0
        let isListed = frame.pointer.pointee.ch_layout.order == AV_CHANNEL_ORDER_CUSTOM
        description = isListed ? Self.describe(&frame.pointer.pointee.ch_layout) : nil
    }

    private static func describe(_ layout: inout AVChannelLayout) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
            guard let start = buffer.baseAddress, av_channel_layout_describe(&layout, start, 1024) > 0 else { return "" }
            return String(cString: start)
        }
    }
}
