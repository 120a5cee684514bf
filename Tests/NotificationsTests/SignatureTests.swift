import Foundation
import Testing
import WorkerConfiguration
@testable import Notifications

@Suite struct SignatureTests {
    /// Against another implementation: printf '1767225600.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
    @Test func aSignatureIsWhatOthersCompute() throws {
        let secret = try #require(SigningSecret("0123456789abcdef"))
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl", "dgst", "-sha256", "-hmac", "0123456789abcdef", "-r"]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        input.fileHandleForWriting.write(Data(#"1767225600.{"a":1}"#.utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let hexadecimal = try #require(said.split(separator: " ").first)
        #expect(Signature.of(Array(#"{"a":1}"#.utf8), at: 1_767_225_600, with: secret) == "sha256=\(hexadecimal)")
    }

    @Test(arguments: ["short", "with a space 0123456789", "tab\t0123456789abcdef", ""]) func aBadSecretIsNone(text: String) {
        #expect(SigningSecret(text) == nil)
    }

    @Test(arguments: [
        ("https://hooks.example.org/services/T0/B0?x=1", "https://hooks.example.org"), ("http://127.0.0.1:9000/x", "http://127.0.0.1:9000"),
        ("HTTPS://Hooks.example.org", "https://Hooks.example.org"),
    ])
    func anAddressShowsItsOriginAlone(text: String, origin: String) throws {
        let address = try #require(WebhookAddress(text))
        #expect(address.origin == origin && address.text == text && "\(address)" == "•••" && String(reflecting: address) == "•••")
    }

    @Test(arguments: [
        "", "hooks.example.org", "ftp://hooks.example.org/", "file:///etc/passwd", "https://user:password@hooks.example.org/", "https:///path",
        "https://hooks.example.org/#x", "https://hooks.example.org/a b", "https://hooks.example.org/\r\nX: y", "javascript:alert(1)",
    ])
    func whatIsNoWebAddressIsRefused(text: String) { #expect(WebhookAddress(text) == nil) }
}
