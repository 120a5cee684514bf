internal import Glibc

/// The bounded way from one stage of a pipeline to the next, first in, first out. The end flows down (`finish`), and up
/// (`stop`): whoever waits here is woken by either.
///
/// Unchecked: the lock guards all that is here. What is put in belongs to whoever takes it out; whoever put it there lets
/// go of it, which is what makes it right to pass on a frame, or a packet, that only one thread may use at a time.
final class StageQueue<Element>: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let hasChanged: UnsafeMutablePointer<pthread_cond_t>
    private let capacity: Int
    private var elements = Fifo<(element: Element, weight: Int)>()
    private var weight = 0
    private var isFinished = false
    private var isStopped = false

    /// - Parameter capacity: the weight from which on whoever comes waits; a single element may have more.
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

    /// Waits for room.
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

    /// As `take`, but waits no longer than some milliseconds: nil is no end then.
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

    /// No more will be put in.
    func finish() {
        pthread_mutex_lock(lock)
        isFinished = true
        pthread_cond_broadcast(hasChanged)
        pthread_mutex_unlock(lock)
    }

    /// Nobody takes or puts any more; what is in it goes.
    func stop() {
        pthread_mutex_lock(lock)
        isStopped = true
        elements.removeAll()
        weight = 0
        pthread_cond_broadcast(hasChanged)
        pthread_mutex_unlock(lock)
    }
}

/// Another stage has failed: its error is the one that counts.
struct PipelineStop: Error {}
