internal import Jobs
internal import Logging
internal import Site

/// Renews the lease of one job while its work goes on: by progress, not by the clock. A child that stands still loses it.
struct LeaseRenewer {
    let site: Site
    let claim: Claim
    let lease: Duration
    let log: Logger

    /// Until it is cancelled, or the claim is lost: then the job is stopped.
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
                // The next look is a quarter of a lease away: there are three more before it runs out.
                log.warning("The lease on file \(claim.fileID) could not be renewed: \(error)")
            }
        }
    }
}
