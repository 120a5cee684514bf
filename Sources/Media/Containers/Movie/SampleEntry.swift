/// The format of a track's samples, from its sample description (ISO/IEC 14496-12, 8.5.2; 14496-14, 5.6; 14496-15, 5.4.2).
struct SampleEntry {
    /// The number of descriptions.
    let count: Int
    /// "avc1", "mp4a".
    let name: String
    /// The codec's boxes: configuration, pixel aspect ratio, colours.
    private let boxes: [(name: String, box: BoxReader)]
    /// For audio: QuickTime's later versions have more fields in between.
    let soundVersion: UInt64
    let soundRate: UInt64

    /// Bytes before an entry's own boxes.
    private static let fields = (picture: 78, sound: 28)

    /// Nil if it is invalid.
    init?(_ description: BoxReader) {
        guard let count = description.number(4, at: 4), count <= 100, let first = description.boxes(from: 8)?.first else { return nil }
        self.count = Int(count)
        name = first.name
        let isSound = first.name == "mp4a"
        soundVersion = isSound ? first.box.number(2, at: 8) ?? 0 : 0
        soundRate = isSound ? (first.box.number(4, at: 24) ?? 0) >> 16 : 0
        boxes = first.box.boxes(from: isSound ? Self.fields.sound : Self.fields.picture) ?? []
    }

    var hasPictureConfiguration: Bool { boxes.contains { $0.name == "avcC" } }

    /// The pixel aspect ratio; nil if unspecified.
    var pixelShape: (width: UInt64, height: UInt64)? {
        guard let box = boxes.first(where: { $0.name == "pasp" })?.box, let width = box.number(4, at: 0), let height = box.number(4, at: 4)
        else { return nil }
        return (width, height)
    }

    /// Primaries, transfer and matrix (ITU-T H.273); nil if unspecified; `known` is false if an ICC profile specifies them.
    var colours: (isKnown: Bool, primaries: UInt64, transfer: UInt64, matrix: UInt64)? {
        guard let box = boxes.first(where: { $0.name == "colr" })?.box else { return nil }
        guard ["nclx", "nclc"].contains(box.name(at: 0)), let primaries = box.number(2, at: 4), let transfer = box.number(2, at: 6),
            let matrix = box.number(2, at: 8)
        else { return (false, 2, 2, 2) }
        return (true, primaries, transfer, matrix)
    }

    /// The audio type in the elementary stream descriptor (ISO/IEC 14496-1, 7.2.6.6): 0x40 is AAC.
    var objectType: UInt64? { decoderDescriptor.flatMap { $0.box.number(1, at: $0.position) } }
    /// Its offset within the bytes of the box.
    var objectTypePlace: Int? { decoderDescriptor.map { $0.box.bytes.startIndex + $0.position } }

    /// Whether the decoder's configuration, after 13 bytes of the descriptor, is AAC (14496-3, 1.6.2.1) with
    /// this sample rate.
    var holdsAAC: Bool {
        guard let (box, start) = decoderDescriptor else { return false }
        var position = start + 13
        guard Self.descriptor(0x05, box, &position), let bits = box.number(2, at: position) else { return false }
        let (type, index, channels) = (bits >> 11, Int(bits >> 7 & 15), bits >> 3 & 15)
        let rates: [UInt64] = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350]
        guard [2, 5, 29].contains(type), index < rates.count, (1...7).contains(channels) else { return false }
        return rates[index] == soundRate || 2 * rates[index] == soundRate
    }

    private var decoderDescriptor: (box: BoxReader, position: Int)? {
        guard let box = boxes.first(where: { $0.name == "esds" })?.box else { return nil }
        var position = 4
        guard Self.descriptor(0x03, box, &position), let flags = box.number(1, at: position + 2) else { return nil }
        position += 3
        if flags & 0x80 != 0 { position += 2 }
        if flags & 0x40 != 0 { position += 1 + Int(box.number(1, at: position) ?? 0) }
        if flags & 0x20 != 0 { position += 2 }
        return Self.descriptor(0x04, box, &position) ? (box, position) : nil
    }

    /// Skips the tag and the length of a descriptor.
    private static func descriptor(_ tag: UInt64, _ box: BoxReader, _ position: inout Int) -> Bool {
        guard box.number(1, at: position) == tag else { return false }
        for _ in 0..<4 {
            position += 1
            guard let byte = box.number(1, at: position) else { return false }
            if byte & 0x80 == 0 { break }
        }
        position += 1
        return true
    }
}
