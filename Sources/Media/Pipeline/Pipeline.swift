internal import CFFmpegShims
internal import CLinux
internal import Platform
internal import Synchronization
internal import Verdicts

/// A pipeline stage on its own thread: receives elements, and passes on its results.
protocol Stage: AnyObject, SendableMetatype {
    associatedtype Input
    /// On the stage's thread, before the first element.
    func begin() throws
    func feed(_ input: Input) throws
    /// No more elements follow: everything buffered is passed on, and then the end.
    func finish() throws
}

extension Stage {
    func begin() throws {}
}

/// The threads that work on one file. The first failure stops all of them, and becomes the
/// pipeline's error. Created, stopped and joined by one thread.
final class Pipeline: Sendable {
    private struct State {
        var failure: (any Error)?
        var isStopped = false
        var stops: [@Sendable () -> Void] = []
        var threads: [SystemThread] = []
    }

    private let state = Mutex(State())

    func queue<Element>(of type: Element.Type = Element.self, capacity: Int) -> StageQueue<Element> {
        let queue = StageQueue<Element>(capacity: capacity)
        let isStopped = state.withLock { state in
            state.stops.append { queue.stop() }
            return state.isStopped
        }
        // A waiter would wait forever.
        if isStopped { queue.stop() }
        return queue
    }

    /// The stage belongs to its thread until `join`.
    /// - Parameter name: the thread's name in process lists: at most 15 bytes.
    func run<Step: Stage>(_ name: String, _ stage: Step, from queue: StageQueue<Step.Input>) throws(FFmpegError) {
        // Handed over: nobody else uses it before the thread has ended.
        nonisolated(unsafe) let stage = stage
        try run(name) {
            try stage.begin()
            while let input = try queue.take() { try stage.feed(input) }
            try stage.finish()
        }
    }

    func run(_ name: String, _ body: @escaping @Sendable () throws -> Void) throws(FFmpegError) {
        do throws(ThreadError) {
            let thread = try SystemThread { [self] in
                clinux_name_thread(name)
                do { try body() } catch { stop(error) }
            }
            state.withLock { $0.threads.append(thread) }
        } catch {
            throw FFmpegError(call: "pthread_create", code: shim_error(error.code))
        }
    }

    /// Stops all stages at their next step.
    func stop(_ error: any Error) {
        let stops = state.withLock { state in
            if state.failure == nil, !(error is PipelineStop) { state.failure = error }
            state.isStopped = true
            return state.stops
        }
        for stop in stops { stop() }
    }

    /// For a stage with long work and no queue.
    func check() throws(PipelineStop) {
        guard state.withLock({ !$0.isStopped }) else { throw PipelineStop() }
    }

    /// Waits until all threads have ended. Throws the first error.
    func join() throws {
        for thread in state.withLock({ $0.threads }) { thread.join() }
        let failure = state.withLock { state in
            (state.threads, state.stops) = ([], [])
            return state.failure
        }
        if let failure { throw failure }
    }
}
