internal import Glibc

/// Whether this process has the resources that any work needs.
public enum MachineHeadroom {
    /// Far fewer than a daemon has open.
    private static let descriptors = 16

    /// Whether there is no descriptor left: then a failed open says nothing about the file.
    public static var isGone: Bool {
        var opened: [CInt] = []
        defer { for descriptor in opened { close(descriptor) } }
        for _ in 0..<descriptors {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return [EMFILE, ENFILE, ENOMEM].contains(errno) }
            opened.append(descriptor)
        }
        return false
    }
}
