internal import Glibc

/// A bounded FIFO queue between two stages of a pipeline. The end propagates down (`finish`), and up
/// (`stop`): either wakes all waiters.
///
/// Unchecked: the lock guards everything here. An element belongs to whoever takes it out; whoever put it in must release
/// it, so that frames and packets, which only one thread may use at a time, can be passed on.
final class StageQueue<Element>: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let hasChanged: UnsafeMutablePointer<pthread_cond_t>
    private let capacity: Int
    private var elements = Fifo<(element: Element, weight: Int)>()
    private var weight = 0
    private var isFinished = false
    private var isStopped = false

    /// - Parameter capacity: the weight at which producers wait; a single element may have more.
    init(capacity: Int) {
        self.capacity = capacity
        lock = .allocate(capacity: 1)
        hasChanged = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(hasChanged, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(hasChanged)
        pthread_mutex_destroy(lock)
        hasChanged.deallocate()
        lock.deallocate()
    }

    /// Waits for space.
    func put(_ element: Element, weight: Int = 1) throws(PipelineStop) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while self.weight >= capacity, !isStopped { pthread_cond_wait(hasChanged, lock) }
        guard !isStopped else { throw PipelineStop() }
        elements.append((element, weight))
        self.weight += weight
        pthread_cond_broadcast(hasChanged)
    }

    /// Waits for the next element; nil: none will come.
    func take() throws(PipelineStop) -> Element? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while elements.isEmpty, !isFinished, !isStopped { pthread_cond_wait(hasChanged, lock) }
        return try next()
    }

    /// As `take`, but with a timeout in milliseconds: then nil does not mean the end.
    func take(within milliseconds: Int) throws(PipelineStop) -> Element? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if elements.isEmpty, !isFinished, !isStopped {
            var limit = timespec()
            clock_gettime(CLOCK_MONOTONIC, &limit)
            limit.tv_nsec += milliseconds * 1_000_000
            limit.tv_sec += limit.tv_nsec / 1_000_000_000
            limit.tv_nsec %= 1_000_000_000
            while elements.isEmpty, !isFinished, !isStopped {
                guard pthread_cond_timedwait(hasChanged, lock, &limit) == 0 else { break }
            }
        }
        return try next()
    }

    /// With the lock held.
    private func next() throws(PipelineStop) -> Element? {
        guard !isStopped else { throw PipelineStop() }
        guard let (element, weight) = elements.popFirst() else { return nil }
        self.weight -= weight
        pthread_cond_broadcast(hasChanged)
        return element
    }

    /// No more elements will be put in.
    func finish() {
        pthread_mutex_lock(lock)
        isFinished = true
        pthread_cond_broadcast(hasChanged)
        pthread_mutex_unlock(lock)
    }

    /// Wakes all; pending elements are dropped.
    func stop() {
        pthread_mutex_lock(lock)
        isStopped = true
        elements.removeAll()
        weight = 0
        pthread_cond_broadcast(hasChanged)
        pthread_mutex_unlock(lock)
    }
}

/// Another stage has failed: its error counts.
struct PipelineStop: Error {}
