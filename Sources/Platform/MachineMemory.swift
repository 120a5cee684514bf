/// Whether the machine has run out of memory, according to the kernel.
package enum MachineMemory {
    /// How many processes the kernel has OOM-killed since it started, in all control groups;
    /// nil if it does not tell.
    package static var kills: Int? {
        guard let text = SystemFile.text("/proc/vmstat") else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return line.flatMap { Int($0.dropFirst(9)) }
    }
}
