import SQL
import Synchronization
import Testing
@testable import Execution

@Suite struct PersistenceTests {
    /// Once a commit's answer was lost, no later refusal says that nothing was written.
    @Test(arguments: [SQLError.Code.constraint, .statement, .noTable])
    func aLostAnswerStaysUnknown(code: SQLError.Code) async throws {
        let errors = Mutex([SQLError(.unknownOutcome, "cut"), SQLError(code, "refused")])
        await #expect(throws: SQLFailure.self) {
            try await persist { throw errors.withLock { $0.removeFirst() } }
        }
        await #expect(throws: SQLError.self) { try await persist { throw SQLError(code, "refused") } }
    }

    /// A server that changes hands is read-only, or lets nobody in, for a moment.
    @Test(arguments: [SQLError.Code.readOnly, .denied, .other, .gone])
    func whatMayPassIsTriedAgain(code: SQLError.Code) async throws {
        let isFirst = Mutex(true)
        let result = try await persist {
            let fails = isFirst.withLock { first in
                defer { first = false }
                return first
            }
            if fails { throw SQLError(code, "for now") }
            return 1
        }
        #expect(result == 1)
    }
}
