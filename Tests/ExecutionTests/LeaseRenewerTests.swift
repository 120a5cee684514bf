import Foundation
import Jobs
import Site
import SiteFixture
import Testing
import TestSupport
@testable import Execution
@testable import WorkerConfiguration

/// The lease lives by progress, and not by the clock.
@Suite struct LeaseRenewerTests {
    @Test func progressRenewsIt() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let job = try await ClaimedJob(site, upload, site.configuration { $0.lease = .seconds(2) })
        let first = try #require(try await job.context.site.job(of: upload.id)?.leasedUntil)
        let keeping = Task { await keeper(job).keep(job.control) }
        try await until("a renewal") {
            job.control.step()
            return try #require(try await job.context.site.job(of: upload.id)?.leasedUntil) > first
        }
        keeping.cancel()
        await keeping.value
        #expect(job.control.isStoppedFor == nil)
    }

    @Test func withoutProgressItRunsOutAndIsTaken() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let job = try await ClaimedJob(site, upload, site.configuration { $0.lease = .milliseconds(1500) })
        let keeping = Task { await keeper(job).keep(job.control) }
        // The holder is alive, on another host as it seems: only the lease counts.
        try await until("the lease to run out") {
            try await job.context.site.reclaimLost(isAlive: { _ in true }, thisHost: "elsewhere") == [upload.id]
        }
        job.control.step()
        await keeping.value
        #expect(job.control.isStoppedFor == .lost, "the first renewal afterwards is refused, and stops the job")
    }

    private func keeper(_ job: ClaimedJob) -> LeaseRenewer {
        LeaseRenewer(site: job.context.site, claim: job.claim, lease: job.context.configuration.lease, log: job.context.log)
    }
}
