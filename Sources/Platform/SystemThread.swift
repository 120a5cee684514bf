internal import Glibc

/// A thread of the operating system. Foundation's threads do not report a failed start. Joined or detached once.
package struct SystemThread: Sendable {
    private let thread: pthread_t

    /// Runs `body` on a new thread. Throws if the machine, or our user, can have no more threads.
    package init(_ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(Body(run: body))
        let code = pthread_create(
            &thread, nil,
            { pointer in
                // Passed by the call above, and consumed once.
                Unmanaged<Body>.fromOpaque(pointer.unsafelyUnwrapped).takeRetainedValue().run()
                return nil
            }, retained.toOpaque())
        guard code == 0 else {
            retained.release()
            throw ThreadError(code: code)
        }
        self.thread = thread
    }

    package func join() { pthread_join(thread, nil) }

    /// Nobody waits for it.
    package func detach() { pthread_detach(thread) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}

/// A thread that could not be created.
public struct ThreadError: Error, CustomStringConvertible, Sendable, Equatable {
    package let code: CInt

    package var cause: String { String(cString: strerror(code)) }
    public var description: String { "No thread could be started for the work: \(cause)." }
}
