/// The header of a frame of MPEG audio, layer III (ISO/IEC 11172-3 and 13818-3, 2.4.2.3; and 2.5, which all decoders know).
struct MPEGAudioFrame: Equatable {
    /// Must stay constant: version, sample rate, and whether it is mono.
    struct Kind: Hashable {
        let version: UInt8
        let rate: UInt8
        let isMono: Bool
    }

    let kind: Kind
    /// Of 14; 0, free format, is rejected.
    let bitrate: Int
    /// Bytes, including its header.
    let size: Int
    let samples: Int
    let sampleRate: Int

    static let headerSize = 4

    private static let bitrates: [[Int]] = [
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320], [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ]
    private static let rates = [44_100, 48_000, 32_000]

    /// Nil if these bytes do not start a frame that every player supports.
    init?(_ bytes: some RandomAccessCollection<UInt8>) {
        guard bytes.count >= Self.headerSize else { return nil }
        let head = Array(bytes.prefix(Self.headerSize))
        let version = head[1] >> 3 & 3, layer = head[1] >> 1 & 3
        let bitrate = Int(head[2] >> 4), rate = head[2] >> 2 & 3
        guard head[0] == 0xFF, head[1] >= 0xE0, version != 1, layer == 1, (1...14).contains(bitrate), rate < 3 else { return nil }
        let isFirst = version == 3
        let samplesPerSecond = Self.rates[Int(rate)] / (isFirst ? 1 : version == 2 ? 2 : 4)
        self.bitrate = bitrate
        samples = isFirst ? 1152 : 576
        sampleRate = samplesPerSecond
        kind = Kind(version: version, rate: rate, isMono: head[3] >> 6 == 3)
        let bits = Self.bitrates[isFirst ? 0 : 1][bitrate - 1] * 1000
        size = (isFirst ? 144 : 72) * bits / samplesPerSecond + Int(head[2] >> 1 & 1)
    }

    /// Bytes between the header and the Xing table, where other frames have side information.
    private var tableOffset: Int {
        Self.headerSize + (kind.version == 3 ? (kind.isMono ? 17 : 32) : (kind.isMono ? 9 : 17))
    }

    /// The frame count in a first frame's table: nil without a table, 0 if it
    /// has none.
    func table(in bytes: some RandomAccessCollection<UInt8>) -> Int? {
        let bytes = Array(bytes.prefix(64))
        let offset = tableOffset
        if bytes.count >= offset + 12, ["Xing", "Info"].contains(String(decoding: bytes[offset..<offset + 4], as: UTF8.self)) {
            guard bytes[offset + 7] & 1 != 0 else { return 0 }
            return bytes[offset + 8..<offset + 12].reduce(0) { $0 << 8 | Int($1) }
        }
        // Fraunhofer's table has a fixed position.
        if bytes.count >= 54, bytes[36..<40].elementsEqual("VBRI".utf8) { return bytes[50..<54].reduce(0) { $0 << 8 | Int($1) } }
        return nil
    }
}
