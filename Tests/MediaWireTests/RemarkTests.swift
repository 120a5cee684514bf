import MediaWire
import Testing

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

    @Test(arguments: all) func aRemarkIsASentence(_ remark: Remark) {
        let sentence = RemarkSentences.sentence(remark)
        #expect(!sentence.isEmpty && sentence.count <= RemarkSentences.limit)
        if case .earlier = remark { return }
        #expect(sentence.hasSuffix("."))
    }

    /// A child may say anything.
    @Test func numbersAndNamesOfAnySizeMakeASentence() {
        for number in [Int.min, -1, 0, 49_999, 50_000, Int.max] {
            #expect(RemarkSentences.sentence(.cutShort(converted: number, promised: number)).count <= 255)
        }
        #expect(RemarkSentences.sentence(.cutShort(converted: 2_350_000, promised: 5_240_000)).contains("2.4 of 5.2 seconds"))
        let long = String(repeating: "x", count: 60_000)
        for remark in [Remark.unsupported(.sound, codec: long), .leftOutFrom(.sound, codec: long, time: 0)] {
            #expect(RemarkSentences.sentence(remark).count <= 255)
        }
        #expect(RemarkSentences.text([.earlier(long)])?.count == 255)
    }

    @Test func severalMakeOneTextOfWholeSentences() {
        #expect(RemarkSentences.text([]) == nil)
        let two: [Remark] = [.unsupported(.sound, codec: "xHE-AAC"), .cutShort(converted: 1_000_000, promised: 6_000_000)]
        let text = RemarkSentences.text(two) ?? ""
        #expect(text.contains("xHE-AAC") && text.contains("1.0 of 6.0") && text.count <= 255)
        // What is said twice is said once; what has no room is left out as a whole, and what comes after it may have room.
        #expect(RemarkSentences.text(two + two) == text)
        let many = (0..<9).map { Remark.unsupported(.sound, codec: "codec \($0)") }
        let cut = RemarkSentences.text(many) ?? ""
        #expect(cut.count <= 255 && cut.hasSuffix(".") && cut.contains("codec 0"))
    }
}
