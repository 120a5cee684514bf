import Foundation
import Glibc
import Testing
@testable import Platform

@Suite struct ListeningSocketTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "l-\(UUID().uuidString.prefix(8))").path
    private var path: String { folder + "/s" }

    private var isAnswered: Bool {
        let client = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        return SocketAddress.unix(path).with { connect(client, $0, $1) } == 0
    }

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    @Test func theSocketIsForUsAndOurGroup() throws {
        let socket = try ListeningSocket.unix(path: folder + "/new/s")
        var status = stat()
        #expect(lstat(folder + "/new/s", &status) == 0 && status.st_mode & 0o777 == 0o660)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/new") == ["s"])
        #expect(socket.name == folder + "/new/s")
    }

    @Test func whatADeadDaemonLeftIsReplaced() throws {
        // Bound, and nobody listens: as after a kill.
        let dead = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        #expect(SocketAddress.unix(path).with { bind(dead, $0, $1) } == 0)
        close(dead)
        let socket = try ListeningSocket.unix(path: path)
        #expect(isAnswered)
        withExtendedLifetime(socket) {}
    }

    @Test func whatSomebodyUsesIsLeftAlone() throws {
        var first: ListeningSocket? = try ListeningSocket.unix(path: path)
        let second = #expect(throws: ListeningError.self) { try ListeningSocket.unix(path: path) }
        #expect(second?.description.hasPrefix("socket \(path): another program listens there") == true)
        #expect(isAnswered)
        withExtendedLifetime(first) {}
        first = nil
        #expect(!FileManager.default.fileExists(atPath: path))

        try Data("precious".utf8).write(to: URL(filePath: path))
        let file = #expect(throws: ListeningError.self) { try ListeningSocket.unix(path: path) }
        #expect(file?.description.contains("not a socket") == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    /// Replaced under our feet: what is somebody else's by now is not removed.
    @Test func onlyOurOwnSocketIsRemoved() throws {
        var first: ListeningSocket? = try ListeningSocket.unix(path: path)
        #expect(unlink(path) == 0)
        let second = try ListeningSocket.unix(path: path)
        withExtendedLifetime(first) {}
        first = nil
        #expect(isAnswered)
        withExtendedLifetime(second) {}
    }

    @Test func loopbackInBothFamilies() throws {
        for family in [LoopbackAddress.Family.version4, .version6] {
            let opened = Result { try ListeningSocket.loopback(LoopbackAddress(family, port: 0)) }
            // A machine may have none of these.
            if family == .version6, (try? opened.get()) == nil { continue }
            let socket = try opened.get()
            let port = try #require(socket.name.split(separator: ":").last.flatMap { UInt16($0) })
            #expect(port > 0)
            let taken = #expect(throws: ListeningError.self) { try ListeningSocket.loopback(LoopbackAddress(family, port: port)) }
            #expect(taken?.description.hasPrefix("http.listen") == true && taken?.code == EADDRINUSE)
        }
    }
}
