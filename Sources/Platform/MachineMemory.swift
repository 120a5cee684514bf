/// Whether the machine has run out of memory, by the kernel's own account.
package enum MachineMemory {
    /// How many processes the kernel has killed for want of memory since it started, in this control group and any other;
    /// nil where it does not tell.
    package static var kills: Int? {
        guard let text = SystemFile.text("/proc/vmstat") else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return line.flatMap { Int($0.dropFirst(9)) }
    }
}
