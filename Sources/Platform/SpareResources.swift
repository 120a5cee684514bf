internal import Glibc

/// Whether the machine, and our user, still have what a library takes for granted: SwiftNIO traps if it gets no descriptor or thread.
public enum SpareResources {
    /// Throws a `ThreadError` if no thread can be started. False: fewer than this many descriptors are left.
    public static func has(descriptors: Int) throws(ThreadError) -> Bool {
        var spare: [CInt] = []
        defer { for descriptor in spare { close(descriptor) } }
        for _ in 0..<descriptors {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
            spare.append(descriptor)
        }
        try SystemThread {}.join()
        return true
    }
}
