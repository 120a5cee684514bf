import Foundation
import Glibc
import Logging
import Platform
import Testing
@testable import Worker

@Suite struct LogLineTests {
    private let line = LogLine(
        .warning, "file 7 failed, crashed: It crashed.\n    signal 11",
        ["file_id": .stringConvertible(Int64(7)), "seconds": .stringConvertible(1.25), "reason": "two \"words\"\u{1B}[1m", "empty": ""],
        time: Date(timeIntervalSince1970: 1_800_000_000))

    @Test func forPeople() {
        #expect(line.text == """
            2027-01-15T08:00:00Z warning: file 7 failed, crashed: It crashed. [empty="" file_id=7 reason="two 'words' [1m" seconds=1.25]
                signal 11
            """)
        #expect(LogLine(.info, "Hello.", [:], time: line.time).text == "2027-01-15T08:00:00Z info: Hello.")
    }

    @Test func behindTheJournalsPrefixEachLineHasItsLevel() {
        #expect(line.prefixed.split(separator: "\n").allSatisfy { $0.hasPrefix("<4>") })
    }

    @Test func asJSONItIsOneLine() throws {
        #expect(!line.json.contains("\n"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.json.utf8)) as? [String: Any])
        #expect(object["file_id"] as? Int == 7 && object["seconds"] as? Double == 1.25)
        #expect(object["level"] as? String == "warning" && object["time"] as? String == "2027-01-15T08:00:00Z")
        #expect(object["message"] as? String == line.message)
        let forger = LogLine(.info, "Hello.", ["message": "another", "level": "critical"])
        #expect(forger.json.contains(#""message":"Hello.""#) && forger.json.contains(#""level":"info""#))
    }

    /// A datagram socket in the place of journald's.
    @Test func theJournalGetsFields() throws {
        let place = TemporaryFolder()
        let path = place.path + "/j"
        let receiver = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
        defer { close(receiver) }
        try #require(SocketAddress.unix(path).with { bind(receiver, $0, $1) } == 0)
        let journal = try #require(JournalSocket(path: path))
        #expect(journal.send(line))
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(receiver, &buffer, buffer.count, CInt(MSG_DONTWAIT))
        let told = Array(buffer[..<max(0, count)])
        var length: [UInt8] = []
        withUnsafeBytes(of: UInt64(line.message.utf8.count).littleEndian) { length = Array($0) }
        let expected = Array("MESSAGE\n".utf8) + length + Array((line.message + "\n").utf8)
            + Array("PRIORITY=4\nSYSLOG_IDENTIFIER=transcoder\nTRANSCODER_EMPTY=\nTRANSCODER_FILE_ID=7\n".utf8)
            + Array("TRANSCODER_REASON=two \"words\" [1m\nTRANSCODER_SECONDS=1.25\n".utf8)
        #expect(told == expected)
        #expect(try #require(JournalSocket(path: path + "/none")).send(line) == false, "it is said in another way then")
    }

    @Test func anothersJournalIsNotOurs() {
        #expect(JournalSocket.ofThisProcess([:]) == nil)
        #expect(JournalSocket.ofThisProcess(["JOURNAL_STREAM": "1:1"]) == nil)
    }
}
