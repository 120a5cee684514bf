import CPostgreSQL
import Glibc

/// Waits for libpq, on the connection's thread. libpq runs in non-blocking mode, so that a silent server
/// cannot block the thread beyond the timeout.
final class PostgreSQLWire {
    /// Created in `init`, destroyed in `close`; used on one thread in between, as libpq requires.
    let handle: OpaquePointer
    private let silence: Duration
    private(set) var isUsable = true

    /// - Parameters:
    ///   - parameters: libpq's; empty ones are left to libpq's defaults.
    ///   - silence: how long a server may take to answer.
    init(_ parameters: [String: String], within time: Duration, silence: Duration) throws(SQLError) {
        guard let handle = Self.start(parameters) else { throw SQLError(.io, "out of memory") }
        self.handle = handle
        self.silence = silence
        do {
            try connect(deadline: .now + time)
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    private static func start(_ parameters: [String: String]) -> OpaquePointer? {
        let pairs = parameters.filter { !$0.value.isEmpty }
        // Copies that live until libpq has made its own, terminated by a null pointer.
        var keys = pairs.map { UnsafePointer(strdup($0.key)) } + [nil]
        var values = pairs.map { UnsafePointer(strdup($0.value)) } + [nil]
        defer { for copy in keys + values { free(UnsafeMutablePointer(mutating: copy)) } }
        return PQconnectStartParams(&keys, &values, 0)
    }

    private func connect(deadline: ContinuousClock.Instant) throws(SQLError) {
        // Verbose, so that an error contains its SQLSTATE, which does not depend on the server's language.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        var state = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            if state == PGRES_POLLING_FAILED { throw PostgreSQLFailure.connection(String(cString: PQerrorMessage(handle))) }
            guard wait(forWriting: state == PGRES_POLLING_WRITING, deadline) else {
                throw SQLError(.gone, "the server did not accept the connection in time")
            }
            state = PQconnectPoll(handle)
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        // Notices such as "relation already exists, skipping" do not belong on standard error.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        PQsetnonblocking(handle, 1)
    }

    // MARK: waiting

    /// The result of what was sent; the caller clears it. Throws the server's error.
    func answer(to sql: String) throws(SQLError) -> OpaquePointer {
        let deadline = ContinuousClock.now + silence
        var last: OpaquePointer?
        while true {
            try arrive(deadline, sql)
            guard let result = PQgetResult(handle) else { break }
            if let earlier = last {
                // The first error is the relevant one.
                if Self.isRefusal(earlier) {
                    PQclear(result)
                    continue
                }
                PQclear(earlier)
            }
            last = result
            if PQresultStatus(result) == PGRES_COPY_IN || PQresultStatus(result) == PGRES_COPY_OUT { break }
            // A closed connection returns the same result forever.
            if PQstatus(handle) == CONNECTION_BAD { break }
        }
        guard let last else { throw broken(sql) }
        switch PQresultStatus(last) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return last
        default: break
        }
        defer { PQclear(last) }
        throw refusal(last, sql)
    }

    private static func isRefusal(_ result: OpaquePointer) -> Bool {
        PQresultStatus(result) == PGRES_FATAL_ERROR || PQresultStatus(result) == PGRES_BAD_RESPONSE
    }

    /// Sends pending data, and waits until a result is there.
    private func arrive(_ deadline: ContinuousClock.Instant, _ sql: String) throws(SQLError) {
        while true {
            let unsent = PQflush(handle)
            // Data that the server sent before closing the connection may still be readable.
            if unsent == 0 || PQstatus(handle) == CONNECTION_BAD, PQisBusy(handle) == 0 { return }
            guard PQsocket(handle) >= 0 else { throw broken(sql) }
            guard wait(forWriting: unsent == 1, deadline) else {
                isUsable = false
                throw SQLError(.gone, "the server did not answer in time", statement: sql)
            }
            if PQconsumeInput(handle) == 0 {
                if PQisBusy(handle) == 0 { return }
                throw broken(sql)
            }
        }
    }

    /// Blocks. False: timed out.
    private func wait(forWriting: Bool, _ deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            if left <= .zero { return false }
            let events = POLLIN | (forWriting ? POLLOUT : 0)
            var polled = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
            let count = poll(&polled, 1, Int32(clamping: left.milliseconds + 1))
            if count > 0 || (count < 0 && errno != EINTR) { return true }
        }
    }

    // MARK: errors

    private func refusal(_ result: OpaquePointer, _ sql: String) -> SQLError {
        func field(_ letter: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(letter.value)).map { String(cString: $0) }
        }
        let state = field("C")
        var code = PostgreSQLFailure.code(state: state)
        if PQstatus(handle) == CONNECTION_BAD { code = .gone }
        let status = PQresultStatus(result)
        // A plan for a table that was changed meanwhile, a prepared statement that was removed, a COPY: the connection cannot
        // continue from these, but a new one works.
        if state == "0A000" && field("R") == "RevalidateCachedQuery" || state == "26000" || status == PGRES_COPY_IN
            || status == PGRES_COPY_OUT
        {
            code = .gone
        }
        if code == .gone { isUsable = false }
        let message = field("M") ?? firstLine(String(cString: PQresultErrorMessage(result)))
        return SQLError(code, PostgreSQLFailure.message(message, state: state), statement: sql)
    }

    func broken(_ sql: String? = nil) -> SQLError {
        isUsable = false
        return SQLError(.gone, firstLine(String(cString: PQerrorMessage(handle))), statement: sql)
    }

    private func firstLine(_ text: String) -> String {
        text.split(separator: "\n").first.map(String.init) ?? "the connection broke"
    }

    func close() { PQfinish(handle) }
}
