import Glibc
import Jobs
import Testing
@testable import Worker

@Suite struct OwnProcessTests {
    @Test func weAreAlive() {
        let owner = OwnProcess.owner()
        #expect(owner.pid == getpid() && !owner.host.isEmpty && !owner.bootID.isEmpty && owner.startTime > 0)
        #expect(OwnProcess.isAlive(owner))
        #expect(Owner(text: owner.text) == owner)
    }

    @Test func anotherProcessWithOurNumberIsNotUs() {
        var later = OwnProcess.owner()
        later.startTime += 1
        #expect(!OwnProcess.isAlive(later))
        var earlier = OwnProcess.owner()
        earlier.bootID = "another boot"
        #expect(!OwnProcess.isAlive(earlier))
        var nobody = OwnProcess.owner()
        nobody.pid = 4_999_999
        #expect(!OwnProcess.isAlive(nobody))
    }
}
