import MediaWire
import Testing
import Verdicts

@Suite struct RemarkTests {
    static let all: [Remark] = [
        .cutShort(converted: 12_340_000, promised: .max), .unsupported(.sound, codec: "xHE-AAC"), .undecodable(.picture, codec: "mpeg4"),
        .replaced(.sound, codec: ""), .leftOutFrom(.picture, codec: "hevc", time: 6_000_000), .joined(time: -5), .earlier("as before"),
    ]

    @Test(arguments: all) func aRemarkComesBackWhole(_ remark: Remark) throws {
        #expect(try WireCoder.decode(Remark.self, from: WireCoder.encode(remark)) == remark)
    }

    @Test func unknownCodesAreRefused() {
        #expect(throws: WireError.unknownValue(0)) { try WireCoder.decode(Remark.self, from: [0]) }
        #expect(throws: WireError.unknownValue(99)) { try WireCoder.decode(Remark.self, from: [99]) }
        #expect(throws: WireError.unknownValue(7)) { try WireCoder.decode(Remark.self, from: [2, 7, 0, 0, 0, 0, 0, 0, 0, 0]) }
    }
}
