internal import CSandbox
internal import Glibc
internal import MediaWire

/// The sandbox of this process. Whatever a file does to the decoder stays inside: see docs/security.md.
enum Sandbox {
    /// The argument that lets a child continue without a missing layer.
    static let bestEffort = "--sandbox=best-effort"

    /// Standard input, output and error, the channel, three files, and one to spare.
    private static let descriptors: UInt64 = 8
    /// Above any output's limit, so that the muxer itself reports an output that is too large.
    private static let sizeToSpare = 1 << 20

    /// Before the first byte is read, and while there is only one thread.
    static func lockIn() throws(SandboxError) -> SandboxReport {
        try check("die with the parent", csandbox_die_with_parent(getppid()))
        try check("reset signals", csandbox_crash_plainly())
        try check("renounce privileges", csandbox_renounce_privileges())
        try check("limit descriptors", csandbox_limit(CSANDBOX_DESCRIPTORS, descriptors))
        try check("limit threads", csandbox_leave_threads())
        var report = SandboxReport()
        let landlock = csandbox_landlock()
        try check("enter Landlock", landlock < 0 ? -landlock : 0)
        report.landlock = Int(landlock)
        report.hasSeccomp = csandbox_has_seccomp()
        if report.hasSeccomp { try check("filter system calls", csandbox_seccomp()) }
        return report
    }

    /// The limits before the source has been analysed.
    static func limit(by request: MediaRequest) throws(SandboxError) {
        let size = UInt64(request.profile.limits.outputSize + sizeToSpare)
        try check("limit the output", csandbox_limit(CSANDBOX_FILE_SIZE, size))
        try limit(to: JobLimits(unknown: request.profile, threads: request.threads))
    }

    static func limit(to limits: JobLimits) throws(SandboxError) {
        try check("limit memory", csandbox_limit(CSANDBOX_MEMORY, UInt64(limits.memory)))
        try check("limit processor time", csandbox_limit(CSANDBOX_CPU, UInt64(limits.processorSeconds)))
    }

    private static func check(_ step: String, _ code: CInt) throws(SandboxError) {
        guard code == 0 else { throw SandboxError(step: step, code: code) }
    }
}

/// A layer that could not be set up.
struct SandboxError: Error, CustomStringConvertible {
    let step: String
    let code: CInt

    var description: String { "Cannot \(step): \(String(cString: strerror(code)))." }
}
