internal import Jobs
internal import Logging
internal import Objects
internal import Platform
internal import Site

/// Removes what interrupted attempts left on the disk: recorded names that no row plays, and nothing else.
extension WorkerContext {
    private static let page = 200

    /// - Parameter onStep: called for each swept file: there may be many.
    package func sweep(onStep: () -> Void = {}) async throws {
        let thread = try BlockingThread()
        try await site.noteUnknownStates()
        var last: Int64 = 0
        while true {
            let leftovers = try await site.leftovers(after: last, limit: Self.page)
            guard let end = leftovers.last else { return }
            last = end.fileID
            Failpoint.leftoversFound.hit()
            for leftover in leftovers {
                try await sweep(leftover, on: thread)
                onStep()
            }
        }
    }

    private func sweep(_ leftover: Leftover, on thread: BlockingThread) async throws {
        let stores = stores
        var gone: [String] = []
        for name in leftover.names {
            do {
                let (path, store) = (name.path, try await stores(name.store))
                if try await thread.run({ try store.remove(path) }) {
                    Failpoint.leftoverRemoved.hit()
                    log.info("Removed \(path), which nothing plays.", metadata: ["file_id": .stringConvertible(leftover.fileID)])
                }
                // A suspended process that wakes up may still create it: keep checking until that is impossible.
                if name.isOld || name.maker.map(isGone) ?? true { gone.append(name.path) }
            } catch {
                // A name that cannot be removed does not block others.
                log.error("\(name.path) could not be removed: \(error)", metadata: ["file_id": .stringConvertible(leftover.fileID)])
            }
        }
        try await site.forget(gone, of: leftover.fileID)
        if !gone.isEmpty { Failpoint.leftoverForgotten.hit() }
    }

    private func isGone(_ maker: Owner) -> Bool { maker.host == owner.host && !OwnProcess.isAlive(maker) }
}
