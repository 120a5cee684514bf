internal import Glibc

/// Whether this process cannot allocate the memory of some frames.
enum MemoryShortage {
    private static let bytes = 64 << 20

    /// Asks the kernel about the current moment: right after a failure, this shows the cause.
    static var exists: Bool {
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard memory != MAP_FAILED else { return true }
        munmap(memory, bytes)
        return false
    }
}
