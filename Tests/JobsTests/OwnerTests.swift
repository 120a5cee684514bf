import Jobs
import Testing

@Suite struct OwnerTests {
    @Test(arguments: ["media-1", "media.example.org", "a/b"])
    func textReadsBack(host: String) throws {
        let owner = Owner(host: host, bootID: "2b0e8a9c-7d1f", pid: 4711, startTime: 18_446_744_073_709_551_615)
        #expect(owner.text == "\(host)/2b0e8a9c-7d1f/4711/18446744073709551615")
        #expect(Owner(text: owner.text) == owner)
    }

    @Test(arguments: ["", "host", "host/boot/1", "host/boot/0/5", "host/boot/-4/5", "host/boot/one/5", "host/boot/1/x", "h/b/1/"])
    func otherTextIsNoOwner(text: String) {
        #expect(Owner(text: text) == nil)
    }

    @Test func everyPartTellsProcessesApart() {
        let owner = Owner(host: "a", bootID: "b", pid: 1, startTime: 2)
        let others = [
            Owner(host: "z", bootID: "b", pid: 1, startTime: 2), Owner(host: "a", bootID: "z", pid: 1, startTime: 2),
            Owner(host: "a", bootID: "b", pid: 9, startTime: 2), Owner(host: "a", bootID: "b", pid: 1, startTime: 9),
        ]
        #expect(Set(others + [owner]).count == 5)
        #expect(Set((others + [owner]).map(\.text)).count == 5)
    }
}
