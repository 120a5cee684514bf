internal import Execution
internal import Logging
internal import Objects
internal import Site
internal import WorkerConfiguration

/// Removes files that have had their time: what deleted rows leave behind, and originals that are kept for a while only.
struct Retention {
    let context: WorkerContext

    /// Rows looked at by one statement: few enough that nobody waits for it.
    private static let page = 500

    /// Goes through all jobs once, a page at a time, until it is cancelled. What it cannot do now is done by the next pass.
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
