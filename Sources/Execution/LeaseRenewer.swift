internal import Jobs
internal import Logging
internal import Site

/// Renews the lease of one job while its work makes progress, not by the clock. A stalled child loses it.
struct LeaseRenewer {
    let site: Site
    let claim: Claim
    let lease: Duration
    let log: Logger

    /// Runs until cancelled, or until the claim is lost: then it stops the job.
    func keep(_ control: JobControl) async {
        var known = control.steps
        while true {
            do {
                try await Task.sleep(for: lease / 4)
            } catch {
                return
            }
            let steps = control.steps
            guard steps != known else { continue }
            do {
                guard try await site.renew(claim, lease: lease) else {
                    control.stop(.lost)
                    return
                }
                known = steps
            } catch {
                // The next renewal is a quarter of a lease away: three more are left before it expires.
                log.warning("The lease on file \(claim.fileID) could not be renewed: \(error)")
            }
        }
    }
}
