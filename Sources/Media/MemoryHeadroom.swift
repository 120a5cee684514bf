internal import Glibc

/// Whether this process may still take the memory of some pictures.
enum MemoryHeadroom {
    private static let bytes = 64 << 20

    /// Asks the kernel, which counts what was taken at the moment of asking: right after a failure it tells why.
    static var isGone: Bool {
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard memory != MAP_FAILED else { return true }
        munmap(memory, bytes)
        return false
    }
}
