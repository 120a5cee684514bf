import Objects
import Testing

@Suite struct DigestsTests {
    let folder = DiskFolder()

    @Test func bothHashesInOneRead() throws {
        folder.write("abc", to: "a")
        let source = try folder.disk().openSource("a")
        var read: [Int64] = []
        let digests = try Digests.read(descriptor: source.descriptor, md5: true, path: "a") { part in
            read.append(part)
            return true
        }
        #expect(digests.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(digests.md5 == "900150983cd24fb0d6963f7d28e17f72")
        #expect(digests.size == 3)
        #expect(read == [3])
    }

    @Test func md5OnlyWhereItIsWanted() throws {
        folder.write("", to: "a")
        let source = try folder.disk().openSource("a")
        let digests = try Digests.read(descriptor: source.descriptor, md5: false, path: "a")
        #expect(digests.md5 == nil)
        #expect(digests.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }
}
