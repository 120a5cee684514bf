internal import SQL

/// The database could not be reached, however often it was tried: whether it took the last word is unknown.
struct SQLFailure: Error, CustomStringConvertible {
    let description: String
}

/// Tells the database something, again and again for more than a minute and a half, which is less than a lease: a lock held for
/// long and a server that restarts are no reason to throw finished work away.
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
            // A server that changes hands refuses for a while what it will take again.
            let mayPass = error.isTransient || [.readOnly, .denied, .other].contains(error.code)
            guard mayPass, attempt < attempts else {
                // What an earlier attempt may have written is not known by what the last one was refused for.
                if isUnknown || error.isTransient { throw SQLFailure(description: "\(error)") }
                throw error
            }
        }
        // Not cut short by a cancellation: what is told here must be told.
        let pause = wait
        _ = await Task { try? await Task.sleep(for: pause) }.value
        wait = min(wait * 2, .seconds(10))
    }
    preconditionFailure("the loop ends by returning or throwing")
}
