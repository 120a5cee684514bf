import Jobs
import Testing

@Suite struct JobStateTests {
    @Test func namesAreStable() {
        #expect(JobState.allCases.map(\.rawValue) == ["waiting", "running", "publishing", "done", "failed"])
    }

    @Test func heldStatesAreThoseOfAClaim() {
        #expect(JobState.allCases.filter(\.isHeld) == [.running, .publishing])
    }

    @Test func aClaimReadsWhatItWrites() {
        #expect(Claim(fileID: 1, token: 2, path: "a", attempt: 1).source == "a")
        #expect(Claim(fileID: 1, token: 2, path: "a", attempt: 1, source: "b").source == "b")
    }
}
