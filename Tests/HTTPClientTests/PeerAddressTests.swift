import HTTPClient
import Testing

struct PeerAddressTests {
    @Test(arguments: [
        ([127, 0, 0, 1], false), ([10, 1, 2, 3], false), ([172, 16, 0, 1], false), ([172, 32, 0, 1], true), ([192, 168, 1, 1], false),
        ([169, 254, 169, 254], false), ([100, 64, 0, 1], false), ([0, 0, 0, 0], false), ([224, 0, 0, 1], false), ([8, 8, 8, 8], true),
        ([198, 18, 0, 1], false), ([255, 255, 255, 255], false),
    ] as [([UInt8], Bool)])
    func version4(bytes: [UInt8], isPublic: Bool) {
        #expect(PeerAddress(bytes: bytes, port: 80).isPublic == isPublic)
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + bytes
        #expect(PeerAddress(bytes: mapped, port: 80).isPublic == isPublic)
        let translated: [UInt8] = [0, 0x64, 0xff, 0x9b] + [UInt8](repeating: 0, count: 8) + bytes
        #expect(PeerAddress(bytes: translated, port: 80).isPublic == isPublic)
    }

    @Test(arguments: [("::1", false), ("::", false), ("fe80::1", false), ("fc00::1", false), ("fd12::1", false), ("ff02::1", false),
        ("2001:db8::1", false), ("2001::1", false), ("2a00:1450::1", true), ("2002:7f00:1::", false), ("2002:808:808::", true),
        ("64:ff9b:1::1", false), ("3fff::1", false)])
    func version6(text: String, isPublic: Bool) throws {
        #expect(try #require(PeerAddress(text)).isPublic == isPublic)
    }
}
