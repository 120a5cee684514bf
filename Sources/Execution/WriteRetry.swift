internal import SQL

/// The database stayed unreachable through all retries: whether it saved the last write is unknown.
struct SQLFailure: Error, CustomStringConvertible {
    let description: String
}

/// Writes to the database, with retries for more than a minute and a half, which is less than a lease: a long
/// lock or a restarting server must not discard finished work.
package func persist<Result: Sendable>(
    attempts: Int = 16, _ body: @Sendable () async throws -> Result
) async throws -> Result {
    var wait = Duration.milliseconds(250)
    var isUnknown = false
    for attempt in 1... {
        do {
            return try await body()
        } catch let error as SQLError {
            isUnknown = isUnknown || error.code == .unknownOutcome
            // During a failover, a server refuses for a while what it accepts later.
            let mayPass = error.isTransient || [.readOnly, .denied, .other].contains(error.code)
            guard mayPass, attempt < attempts else {
                // The last error does not tell whether an earlier attempt was saved.
                if isUnknown || error.isTransient { throw SQLFailure(description: "\(error)") }
                throw error
            }
        }
        // Not cancellable: this write must happen.
        let pause = wait
        _ = await Task { try? await Task.sleep(for: pause) }.value
        wait = min(wait * 2, .seconds(10))
    }
    preconditionFailure("the loop ends by returning or throwing")
}
