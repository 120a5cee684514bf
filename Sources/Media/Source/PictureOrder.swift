internal import CFFmpeg
internal import CFFmpegShims

/// Determines the display order from the encoded frames of a stream: by the picture order count of H.264 and
/// HEVC (ITU-T H.264, 8.2.1; H.265, 8.3.1); otherwise B-frames are displayed before the reference frame that is
/// stored before them. Owns one of FFmpeg's parsers; one thread at a time.
final class PictureOrder {
    /// A frame's display position: all of a sequence precede those of the next.
    struct Place: Comparable {
        var sequence: Int
        var number: Int

        static func < (left: Place, right: Place) -> Bool {
            (left.sequence, left.number) < (right.sequence, right.number)
        }
    }

    private static let codecs: Set<AVCodecID.RawValue> = Set(
        [AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MPEG4, AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_VC1]
            .map(\.rawValue))
    /// There are never more B-frames between two references.
    private static let longestRun = 1000

    private let codec: AVCodecID
    private let parser: UnsafeMutablePointer<AVCodecParserContext>
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let lengthSize: Int?
    private var place = Place(sequence: 0, number: 0)
    private var reference = 0
    private var run = 0

    /// Nil for a codec that stores frames in display order, or does not tell.
    init?(_ stream: UnsafeMutablePointer<AVStream>) throws {
        let parameters = stream.pointee.codecpar.pointee
        codec = parameters.codec_id
        guard Self.codecs.contains(codec.rawValue), let parser = av_parser_init(CInt(bitPattern: codec.rawValue)) else { return nil }
        var context = avcodec_alloc_context3(nil)
        guard let made = context, avcodec_parameters_to_context(made, stream.pointee.codecpar) >= 0 else {
            av_parser_close(parser)
            avcodec_free_context(&context)
            throw FFmpegError(call: "avcodec_alloc_context3", code: shim_error_no_memory)
        }
        self.parser = parser
        self.context = made
        parser.pointee.flags |= CInt(PARSER_FLAG_COMPLETE_FRAMES)
        let header = [UInt8](UnsafeBufferPointer(start: parameters.extradata, count: Int(parameters.extradata_size)))
        lengthSize =
            switch codec {
            case AV_CODEC_ID_H264 where header.count >= 7 && header[0] == 1: Int(header[4] & 3) + 1
            case AV_CODEC_ID_HEVC where header.count >= 23 && header[0] == 1: Int(header[21] & 3) + 1
            default: nil
            }
    }

    deinit {
        av_parser_close(parser)
        var context: UnsafeMutablePointer<AVCodecContext>? = self.context
        avcodec_free_context(&context)
    }

    /// The position of the stream's next packet.
    func next(_ packet: Packet) -> Place {
        parser.pointee.output_picture_number = 0
        var data: UnsafeMutablePointer<UInt8>?
        var size: CInt = 0
        _ = av_parser_parse2(
            parser, context, &data, &size, packet.pointer.pointee.data, packet.pointer.pointee.size, shim_nopts, shim_nopts, -1)
        if codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC {
            if startsSequence(packet) { place.sequence += 1 }
            place.number = Int(parser.pointee.output_picture_number)
        } else if parser.pointee.pict_type == CInt(AV_PICTURE_TYPE_B.rawValue) {
            run = min(run + 1, Self.longestRun - 1)
            place.number = (reference - 1) * Self.longestRun + run
        } else {
            (reference, run) = (reference + 1, 0)
            place.number = reference * Self.longestRun
        }
        return place
    }

    /// The last frame starts a new sequence, although unmarked; returns its position.
    func beginSequence() -> Place {
        place.sequence += 1
        return place
    }

    /// A frame that restarts the count: IDR, and BLA of HEVC.
    private func startsSequence(_ packet: Packet) -> Bool {
        let bytes = UnsafeBufferPointer(start: packet.pointer.pointee.data, count: packet.size)
        var position = 0
        while let start = nextUnit(bytes, &position), start < bytes.count {
            if codec == AV_CODEC_ID_H264 {
                let type = bytes[start] & 0x1F
                if (1...5).contains(type) { return type == 5 }
            } else {
                let type = bytes[start] >> 1 & 0x3F
                if type < 32 { return (16...20).contains(type) }
            }
        }
        return false
    }

    /// The start of the next unit, from `position` on, which moves past it.
    private func nextUnit(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Int? {
        if let lengthSize {
            guard position + lengthSize < bytes.count else { return nil }
            let length = bytes[position..<position + lengthSize].reduce(0) { $0 << 8 | Int($1) }
            defer { position += lengthSize + length }
            return position + lengthSize
        }
        while position + 3 < bytes.count {
            defer { position += 1 }
            if bytes[position] == 0, bytes[position + 1] == 0, bytes[position + 2] == 1 { return position + 3 }
        }
        return nil
    }
}
