import Glibc
import SiteFixture
import Testing
@testable import Platform

@Suite struct ServiceManagerTests {
    @Test(arguments: [false, true])
    func itTellsItsManager(isAbstract: Bool) {
        let socket = NotifySocket(isAbstract: isAbstract)
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": socket.name])
        manager.ready("Watching")
        #expect(socket.next() == "READY=1\nSTATUS=Watching")
        manager.status("2 waiting")
        #expect(socket.next() == "STATUS=2 waiting")
        manager.reloading("Reading")
        #expect(socket.next()?.wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*\nSTATUS=Reading/) != nil)
        manager.stopping("Finishing")
        #expect(socket.next() == "STOPPING=1\nSTATUS=Finishing")
        manager.alive()
        #expect(socket.next() == "WATCHDOG=1")
    }

    @Test func withoutAManagerItIsSilent() {
        ServiceManager(environment: [:]).ready("Watching")
        ServiceManager(environment: ["NOTIFY_SOCKET": "/nowhere/notify"]).ready("Watching")
    }

    @Test func itWatchesWhomItMeans() {
        func watchdog(_ more: [String: String]) -> Duration? {
            ServiceManager(environment: more.merging(["NOTIFY_SOCKET": "@nowhere"]) { one, _ in one }).watchdog
        }
        #expect(watchdog(["WATCHDOG_USEC": "3000000"]) == .seconds(3))
        #expect(watchdog(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "\(getpid())"]) == .seconds(3))
        #expect(watchdog(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"]) == nil, "it was meant for our parent")
        for none in ["", "0", "-1", "soon"] { #expect(watchdog(["WATCHDOG_USEC": none]) == nil) }
        #expect(watchdog([:]) == nil)
        #expect(ServiceManager(environment: ["WATCHDOG_USEC": "3000000"]).watchdog == nil)
    }
}
