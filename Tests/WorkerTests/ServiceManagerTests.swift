import Foundation
import Glibc
import Testing
@testable import Worker

@Suite struct ServiceManagerTests {
    /// The manager's end: a datagram socket under a name.
    private func listen(_ name: [UInt8]) -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        precondition(bound == 0)
        return descriptor
    }

    private func hear(_ descriptor: CInt) -> String {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = recv(descriptor, &bytes, bytes.count, CInt(MSG_DONTWAIT))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    @Test(arguments: [false, true])
    func itTellsItsManager(isAbstract: Bool) {
        let name = "/tmp/transcoder-notify-\(UUID())"
        let descriptor = listen((isAbstract ? [0] : []) + Array(name.utf8) + (isAbstract ? [] : [0]))
        defer {
            close(descriptor)
            unlink(name)
        }
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": isAbstract ? "@\(name)" : name])
        manager.ready("Watching")
        #expect(hear(descriptor) == "READY=1\nSTATUS=Watching")
        manager.status("2 waiting")
        #expect(hear(descriptor) == "STATUS=2 waiting")
        manager.reloading("Reading")
        #expect(hear(descriptor).wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*\nSTATUS=Reading/) != nil)
        manager.stopping("Finishing")
        #expect(hear(descriptor) == "STOPPING=1\nSTATUS=Finishing")
    }

    @Test func withoutAManagerItIsSilent() {
        ServiceManager(environment: [:]).ready("Watching")
        ServiceManager(environment: ["NOTIFY_SOCKET": "/nowhere/notify"]).ready("Watching")
    }
}
