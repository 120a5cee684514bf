import Glibc
import Jobs
import Testing
@testable import Execution

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
        var nobody = OwnProcess.owner()
        nobody.pid = 4_999_999
        #expect(!OwnProcess.isAlive(nobody))
    }

    /// What cannot be known from here is left to the lease.
    @Test func onlyWhatIsKnownToBeDeadIsDead() {
        let me = OwnProcess.owner()
        let place = me.bootID.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        func isAlive(_ boot: String, _ machine: String, _ namespace: String, pid: Int32 = 4_999_999) -> Bool {
            OwnProcess.isAlive(
                Owner(host: me.host, bootID: [boot, machine, namespace].joined(separator: "."), pid: pid, startTime: 1))
        }
        #expect(!isAlive(place[0], place[1], place[2]))
        #expect(isAlive(place[0], place[1], "1"), "another container's process cannot be seen")
        #expect(isAlive("another", "another", place[2]), "another machine of the same name")
        #expect(isAlive("another", place[1], place[2]) == place[1].isEmpty, "an earlier boot of this machine is over")
        #expect(OwnProcess.isAlive(Owner(host: me.host, bootID: "older program", pid: 1, startTime: 1)))
    }

    @Test func aZombieIsDead() throws {
        var pid = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        defer { free(words[0]) }
        try #require(posix_spawn(&pid, "/bin/true", nil, nil, &words, nil) == 0)
        var info = siginfo_t()
        try #require(waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == 0)
        var owner = OwnProcess.owner()
        owner.pid = pid
        #expect(!OwnProcess.isAlive(owner))
        var status: CInt = 0
        waitpid(pid, &status, 0)
    }
}
