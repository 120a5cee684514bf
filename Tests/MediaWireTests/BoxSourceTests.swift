import Testing
@testable import MediaWire

/// Boxes whose sizes, counts and nesting may be anything.
@Suite struct BoxSourceTests {
    private func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64(count - 1 - $0))) }
    }

    private func box(_ type: String, size: UInt64? = nil, _ content: [UInt8] = []) -> [UInt8] {
        bytes(size ?? UInt64(content.count + 8), 4) + Array(type.utf8) + content
    }

    private func longBox(_ type: String, size: UInt64? = nil, _ content: [UInt8] = []) -> [UInt8] {
        bytes(1, 4) + Array(type.utf8) + bytes(size ?? UInt64(content.count + 16), 8) + content
    }

    private func source(_ bytes: [UInt8]) -> BoxSource {
        BoxSource(size: Int64(bytes.count)) { offset, count in Array(bytes.dropFirst(Int(offset)).prefix(count)) }
    }

    /// The boxes at the top, and the bytes that are none.
    private func walk(_ bytes: [UInt8], most: Int = BoxSource.most) -> (boxes: [MovieBox], rest: Int64, isComplete: Bool) {
        let source = source(bytes)
        var (boxes, walk) = ([MovieBox](), source.walk(in: source.whole, most: most))
        while let box = walk.next() { boxes.append(box) }
        return (boxes, walk.rest, walk.isComplete)
    }

    @Test func boxesLieEndToEnd() {
        let all = walk(box("ftyp", [1, 2, 3, 4]) + longBox("mdat", [5, 6]) + box("free"))
        #expect(all.boxes.map(\.type) == ["ftyp", "mdat", "free"])
        #expect(all.boxes.map(\.content) == [8..<12, 28..<30, 38..<38])
        #expect(all.rest == 0 && all.isComplete && all.boxes.allSatisfy { !$0.isOpenEnded })
        #expect(walk([]).isComplete && walk([]).boxes.isEmpty)
    }

    @Test func aSizeOfZeroGoesToTheEndOfWhatItIsIn() {
        let all = walk(box("moov", box("trak") + box("free", size: 0, [1, 2, 3])) + box("mdat", size: 0, [4]))
        #expect(all.boxes.map(\.isOpenEnded) == [false, true] && all.boxes.last?.content == 35..<36 && all.rest == 0)
        let source = source(box("moov", box("free", size: 0, [1, 2, 3])) + box("mdat"))
        #expect(source.box("moov", "free", in: source.whole)?.content == 16..<19)
    }

    /// What is before it is found; it is not, nor is anything after it.
    @Test(arguments: [UInt64(2), 7, 24, 1 << 31, UInt64(UInt32.max)])
    func aSizeThatDoesNotFitEndsTheWalk(size: UInt64) {
        let all = walk(box("free") + box("moov", size: size) + box("mdat"))
        #expect(all.boxes.map(\.type) == ["free"] && all.rest == 16 && !all.isComplete)
    }

    @Test(arguments: [UInt64(0), 1, 15, 25, 1 << 63, (1 << 63) - 1, .max, .max - 15])
    func neitherDoesALongOne(size: UInt64) {
        let all = walk(box("free") + longBox("moov", size: size) + box("mdat"))
        #expect(all.boxes.map(\.type) == ["free"] && !all.isComplete)
    }

    @Test func headersMayBeCut() {
        let whole = box("free") + longBox("mdat", [1])
        for count in 9..<whole.count {
            let all = walk(Array(whole.prefix(count)))
            #expect(all.boxes.map(\.type) == ["free"] && all.rest == Int64(count - 8) && all.isComplete == (count < 16))
        }
        // A file that has become shorter meanwhile, or cannot be read.
        let source = BoxSource(size: .max) { _, _ in [] }
        #expect(source.box("moov", in: source.whole) == nil && source.number(4, at: 0, in: source.whole) == nil)
    }

    @Test func thereAreNotTooMany() {
        let many = Array(repeatElement(box("free"), count: 100).joined())
        #expect(walk(many, most: 100).isComplete && walk(many, most: 99).rest == 8)
        #expect(source(many).boxes("free", in: 0..<800, most: 7).count == 7)
    }

    /// A path is as deep as its names: boxes in boxes cost nothing.
    @Test func nestingIsOnlyFollowedByName() {
        var nested = box("edts", box("elst", [1, 2, 3, 4, 5]))
        for _ in 0..<10_000 { nested = bytes(UInt64(nested.count + 8), 4) + Array("moov".utf8) + nested }
        let source = source(nested)
        #expect(source.box("moov", "moov", "moov", in: source.whole)?.content.lowerBound == 24)
        #expect(source.box("moov", "edts", in: source.whole) == nil)
        let list = source.box("edts", "elst", in: 80_000..<source.size)
        #expect(list?.content == 80_016..<80_021)
    }

    @Test func fieldsStayInTheirBox() throws {
        let source = source(box("free", [0x12, 0x34, 0x76, 0x69, 0x64, 0x65]) + box("mdat"))
        let content = try #require(source.box("free", in: source.whole)).content
        #expect(source.number(2, at: 0, in: content) == 0x1234 && source.name(at: 2, in: content) == "vide")
        for (count, offset) in [(4, Int64(3)), (8, 0), (1, 6), (1, -1), (1, .max), (1, .min), (9, 0), (0, 0), (-1, 0), (.max, 0)] {
            #expect(source.number(count, at: offset, in: content) == nil)
        }
        for range in [Int64.min..<0, 1000..<Int64.max, .min..<(.max)] {
            _ = source.number(4, at: 0, in: range)
            _ = source.boxes("free", in: range)
        }
    }

    @Test func fieldsBeforeTheChildrenMayBeMissing() throws {
        let all = walk(box("meta", [0, 0, 0, 0]) + box("stsd"))
        for fields in [Int64(4), .max] { #expect(all.boxes.map { $0.content(after: fields) } == [12..<12, 20..<20]) }
        #expect(all.boxes[0].content(after: -1) == 8..<12)
    }

    /// Every header of whatever bytes: it ends, and nothing traps.
    @Test func anyBytesAreWalked() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var data = (0..<64).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Mostly zeros, as in sizes that fit.
            for index in data.indices where Bool.random(using: &generator) { data[index] = 0 }
            let all = walk(data)
            #expect(all.boxes.allSatisfy { $0.content.upperBound <= 64 } && all.boxes.count <= 8)
        }
    }
}
