internal import Execution
internal import Logging
internal import Objects
internal import Site
internal import WorkerConfiguration

/// Removes expired files: leftovers of deleted rows, and originals that are kept for a limited time.
struct Retention {
    let context: WorkerContext

    /// Rows per statement: few enough not to block others.
    private static let page = 500

    /// Goes through all jobs once, page by page, until cancelled. Failures are retried in the next pass.
    func pass() async {
        var last: Int64 = -1
        do {
            while !Task.isCancelled {
                let page = try await context.site.retire(
                    after: last, limit: Self.page, originalsAfter: context.configuration.deleteOriginalsAfter,
                    isRemovable: { (try? ObjectPath($0)) != nil })
                if !page.files.isEmpty { try await context.sweep() }
                guard let end = page.last else { return }
                last = end
            }
        } catch {
            context.log.warning("Cleanup of expired files failed; next attempt in an hour: \(error)")
        }
    }
}
