internal import Glibc

/// The processors available to this process.
package enum Processors {
    /// Limited by its CPU affinity and its control groups' quotas, as of the start.
    package static let count = {
        let allowed = Self.allowed(status: SystemFile.text("/proc/self/status") ?? "")
        let membership = SystemFile.text("/proc/self/cgroup") ?? ""
        guard let quota = quota(membership: membership) else { return allowed }
        // A fraction counts as one.
        return max(1, min(allowed, Int(quota.rounded(.up))))
    }()

    /// Those in the kernel's hexadecimal mask; all of the machine's if there is none.
    private static func allowed(status: String) -> Int {
        let mask = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") }
        let count = (mask ?? "").drop { $0 != ":" }.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
        return count > 0 ? count : max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    }

    /// The CPU quota in processors, by the strictest of its control groups; nil if there is no limit.
    /// - Parameters:
    ///   - membership: lines of `/proc/self/cgroup` (cgroups(7)): number, controllers, path.
    ///   - root: where the control groups are mounted.
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

    /// A group and its parents: `/a/b`, `/a` and the root.
    private static func groups(_ path: Substring) -> [String] {
        let names = path.split(separator: "/")
        return (0...names.count).map { names.prefix($0).map { "/\($0)" }.joined() }
    }

    /// Version 2: `max 100000`, or quota and period in microseconds.
    private static func quota(inFile path: String) -> Double? {
        let words = SystemFile.text(path)?.split(whereSeparator: \.isWhitespace) ?? []
        guard words.count == 2, let time = Double(words[0]), let period = Double(words[1]), time > 0, period > 0 else { return nil }
        return time / period
    }

    private static func number(inFile path: String) -> Double? {
        SystemFile.text(path).flatMap { Double($0.split(whereSeparator: \.isWhitespace).first ?? "") }
    }
}
