internal import Glibc

/// The processors that this process has.
package enum Processors {
    /// Those that it may run on, and no more than its control groups give it time of; as it was at the start.
    package static let count = {
        let allowed = Self.allowed(status: SystemFile.text("/proc/self/status") ?? "")
        let membership = SystemFile.text("/proc/self/cgroup") ?? ""
        guard let quota = quota(membership: membership) else { return allowed }
        // A part of one is used, too.
        return max(1, min(allowed, Int(quota.rounded(.up))))
    }()

    /// Those in the mask that the kernel writes as hexadecimal digits, in groups; all of the machine's where there is none.
    private static func allowed(status: String) -> Int {
        let mask = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") }
        let count = (mask ?? "").drop { $0 != ":" }.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
        return count > 0 ? count : max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    }

    /// Processors' worth of time, by the strictest of the groups that it is in; nil where none limits it.
    /// - Parameters:
    ///   - membership: lines of `/proc/self/cgroup` (cgroups(7)): number, controllers, path.
    ///   - root: where the groups are mounted.
    static func quota(membership: String, root: String = "/sys/fs/cgroup") -> Double? {
        let quotas = membership.split(separator: "\n").flatMap { line -> [Double] in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return [] }
            let (controllers, path) = (parts[1], parts[2])
            if controllers.isEmpty {
                return groups(path).flatMap { group in
                    ["", "/unified"].compactMap { quota(inFile: "\(root)\($0)\(group)/cpu.max") }
                }
            }
            guard controllers.split(separator: ",").contains("cpu") else { return [] }
            return groups(path).compactMap { group in
                let folder = "\(root)/\(controllers)\(group)"
                guard let time = number(inFile: "\(folder)/cpu.cfs_quota_us"), time > 0,
                    let period = number(inFile: "\(folder)/cpu.cfs_period_us"), period > 0
                else { return nil }
                return time / period
            }
        }
        return quotas.min()
    }

    /// A group and those that it is in: `/a/b`, `/a` and the root.
    private static func groups(_ path: Substring) -> [String] {
        let names = path.split(separator: "/")
        return (0...names.count).map { names.prefix($0).map { "/\($0)" }.joined() }
    }

    /// Version 2: `max 100000`, or the time and its period, in microseconds.
    private static func quota(inFile path: String) -> Double? {
        let words = SystemFile.text(path)?.split(whereSeparator: \.isWhitespace) ?? []
        guard words.count == 2, let time = Double(words[0]), let period = Double(words[1]), time > 0, period > 0 else { return nil }
        return time / period
    }

    private static func number(inFile path: String) -> Double? {
        SystemFile.text(path).flatMap { Double($0.split(whereSeparator: \.isWhitespace).first ?? "") }
    }
}
