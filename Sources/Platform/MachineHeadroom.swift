internal import Glibc

/// Whether this process has what any work needs of the machine.
public enum MachineHeadroom {
    /// Far fewer than a daemon has open.
    private static let descriptors = 16

    /// Whether there is no descriptor left: then a file that could not be opened is not a file that somebody has to mend.
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
