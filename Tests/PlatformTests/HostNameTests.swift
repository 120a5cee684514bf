import Platform
import Testing

@Suite struct HostNameTests {
    @Test(arguments: [
        ("media.example.org", "media.example.org", nil), ("MEDIA.Example.org:8443", "media.example.org", 8443), ("localhost", "localhost", nil),
        ("10.0.0.5:80", "10.0.0.5", 80), ("[2001:DB8::1]:443", "[2001:db8::1]", 443), ("[::1]", "[::1]", nil), ("a_b.example", "a_b.example", nil),
    ] as [(String, String, UInt16?)])
    func aNameIsReadWithItsPort(text: String, name: String, port: UInt16?) throws {
        let host = try #require(HostName(text))
        #expect(host.name == name && host.port == port)
        #expect(HostName("\(host)") == host)
    }

    @Test(arguments: [
        "", ".", "a..b", ".example", "example.", "*.example.org", "https://media.example.org", "media.example.org/", "a b", "a:", "a:0", "a:65536",
        "a:+1", "a:1:2", "-a.example", "a-.example", "::1", "[::1", "[]", "[::1]x", "[zz::1]", "user@host", "host\r\n", "пример.example",
        String(repeating: "a", count: 64), String(repeating: "a.", count: 127) + "a",
    ])
    func whatIsNoHostNameIsRefused(text: String) { #expect(HostName(text) == nil) }

    @Test func aNameWithoutPortHoldsForEachAndOneWithPortForItself() throws {
        let (any, one) = (try #require(HostName("media.example.org")), try #require(HostName("media.example.org:8443")))
        let (bare, other) = (try #require(HostName("Media.example.org")), try #require(HostName("media.example.org:1")))
        #expect(any.isNamed(by: bare) && any.isNamed(by: other) && any.isNamed(by: one))
        #expect(one.isNamed(by: one) && !one.isNamed(by: bare) && !one.isNamed(by: other))
        for name in ["x.media.example.org", "example.org"] { #expect(!any.isNamed(by: try #require(HostName(name)))) }
    }
}
