import Foundation
import SiteFixture
import Testing

/// systemd's watchdog: a daemon that no longer gets on is no longer heard, whatever of it still runs.
@Suite(.serialized)
struct WatchdogTests {
    @Test func aLoopThatHangsIsNotHeard() async throws {
        try await Workplace.use(configuration: "workers: 1") { place in
            let first = try await place.publish("tune.mp3").file
            let second = try await place.publish("tune.mp3").file
            let socket = NotifySocket()
            let daemon = try Program(
                Built.folder + "/dying-daemon",
                ["--config", place.config, "--at", "found", "--after", "1", "--fate", "hang"],
                environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "1000000"])
            var heard: [String] = []
            try await until("its loop hangs") {
                heard += socket.all()
                return daemon.errorsSoFar.contains("hangs at found")
            }
            heard += socket.all()
            #expect(heard.contains("WATCHDOG=1"), "it was heard before: \(heard)")

            // The status file's sign of life, from another task, is the clock: it comes every ten seconds.
            var signs: Set<String> = []
            try await until("the rest of it goes on") {
                let status = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: place.statusFile)))
                if let at = (status as? [String: Any])?["updated_at"] as? String { signs.insert(at) }
                return signs.count > 2
            }
            #expect(!socket.all().contains("WATCHDOG=1"), "it is not heard any more")
            let states = [try await place.site.file(first.id).state, try await place.site.file(second.id).state]
            #expect(states.sorted() == [1, 3])

            // What systemd does then.
            daemon.signal(SIGKILL)
            #expect(await daemon.result().status == -SIGKILL)
            try await place.untilIdle()
            try await place.expectAllInOrder()
        }
    }
}
