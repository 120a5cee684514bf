import Foundation
import ProgramFixture
import Testing

/// What is tried from inside the sandbox fails, and each layer does its own part of it: docs/security.md has this table.
@Suite struct SandboxTests {
    /// What one layer, alone, makes of an attempt. A layer that is not named lets it through.
    struct Attempt: CustomTestStringConvertible {
        var name: String
        var privileges: String?
        var limits: String?
        var landlock: String?
        /// Since which version of Landlock.
        var since = 1
        var seccomp: String?
        var testDescription: String { name }

        init(
            _ name: String, privileges: String? = nil, limits: String? = nil, landlock: String? = nil, since: Int = 1,
            seccomp: String? = nil
        ) {
            (self.name, self.privileges, self.limits) = (name, privileges, limits)
            (self.landlock, self.since, self.seccomp) = (landlock, since, seccomp)
        }
    }

    static let denied = "refused EACCES", forbidden = "refused EPERM", killed = "killed SIGSYS"

    static let attempts = [
        Attempt("read-file", landlock: denied, seccomp: "refused ENOENT"),
        Attempt("create-file", landlock: denied, seccomp: killed),
        Attempt("overwrite-file", landlock: denied, seccomp: killed),
        Attempt("delete-file", landlock: denied, seccomp: killed),
        Attempt("connect-loopback", landlock: denied, since: 4, seccomp: killed),
        Attempt("send-datagram", seccomp: killed),
        Attempt("connect-abstract", landlock: forbidden, since: 6, seccomp: killed),
        Attempt("fork", seccomp: killed),
        Attempt("run-program", landlock: denied, seccomp: killed),
        Attempt("trace-parent", landlock: forbidden, seccomp: killed),
        Attempt("read-parents-memory", landlock: forbidden, seccomp: killed),
        Attempt("signal-parent", landlock: forbidden, since: 6, seccomp: killed),
        Attempt("limit-parent", seccomp: killed),
        Attempt("run-memory", seccomp: killed),
        Attempt("share-memory", seccomp: killed),
        // Either way the kernel forgets to count it.
        Attempt("grow-memory", seccomp: killed),
        Attempt("protect-memory", seccomp: killed),
        Attempt("hide-memory", seccomp: killed),
        // Where threads need it, the limit on addresses remains.
        Attempt("guard-memory", limits: "refused ENOMEM", seccomp: protectsGuards ? nil : killed),
        Attempt("reserve-memory", limits: "refused ENOMEM"),
        Attempt("stretch-memory", limits: "refused ENOMEM"),
        Attempt("new-namespace", seccomp: killed),
        Attempt("odd-thread", seccomp: killed),
        Attempt("exceed-memory", limits: "refused ENOMEM"),
        Attempt("exceed-processor", limits: "killed SIGXCPU"),
        Attempt("exceed-output", limits: "killed SIGXFSZ"),
        Attempt("exceed-descriptors", limits: "refused EMFILE"),
    ]

    /// glibc takes the guard of a thread's stack out of memory that can be written to (from 2.42 on, on Linux before 6.13).
    static let protectsGuards: Bool = {
        var system = utsname()
        guard uname(&system) == 0 else { return false }
        let release = withUnsafeBytes(of: &system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return isBefore(release, 6, 13) && protectsGuardsOnOldKernels
    }()
    static let protectsGuardsOnOldKernels: Bool = {
        var name = [CChar](repeating: 0, count: 64)
        // “glibc 2.36”
        guard confstr(CInt(_CS_GNU_LIBC_VERSION), &name, name.count) > 0 else { return false }
        return !isBefore(String(decoding: name.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self), 2, 42)
    }()
    static func isBefore(_ version: String, _ major: Int, _ minor: Int) -> Bool {
        let numbers = version.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return numbers.lexicographicallyPrecedes([major, minor])
    }

    /// Root, where we are, and an ordinary user.
    static let users = geteuid() == 0 ? [0, 65534] : [Int(geteuid())]

    @Test(arguments: attempts, users)
    func everyAttemptFails(_ attempt: Attempt, user: Int) async throws {
        let version = try await landlockVersion()
        let landlock = version >= attempt.since ? attempt.landlock : nil
        // Without a wall it comes through: what is tried is tried for real.
        #expect(try await outcome(attempt, user, []) == "did")
        #expect(try await outcome(attempt, user, ["limits"]) == attempt.limits ?? "did")
        #expect(try await outcome(attempt, user, ["privileges", "seccomp"]) == attempt.seccomp ?? "did")
        if version > 0 {
            #expect(try await outcome(attempt, user, ["privileges", "landlock"]) == landlock ?? "did")
        }
        let all = ["privileges", "limits", "seccomp"] + (version > 0 ? ["landlock"] : [])
        let end = try await outcome(attempt, user, all)
        #expect(end == attempt.seccomp ?? landlock ?? attempt.limits)
        #expect(end != "did")

        let layers = [
            attempt.limits.map { "limits: \($0)" }, landlock.map { "Landlock: \($0)" },
            attempt.seccomp.map { "seccomp: \($0)" },
        ]
        print("sandbox: \(attempt.name), as user \(user): \(layers.compactMap(\.self).joined(separator: "; "))")
    }

    /// Root without its capabilities is nobody.
    @Test(.enabled(if: geteuid() == 0)) func rootsPowerIsGone() async throws {
        for name in ["change-owner", "trace-parent", "read-parents-memory"] {
            #expect(try await outcome(Attempt(name), 0, []) == "did")
            #expect(try await outcome(Attempt(name), 0, ["privileges"]) == Self.forbidden)
        }
    }

    @Test(arguments: users) func aLimitIsNotRaisedAgain(user: Int) async throws {
        let attempt = Attempt("raise-limits")
        #expect(try await outcome(attempt, user, ["limits", "privileges"]) == Self.forbidden)
        #expect(try await outcome(attempt, user, ["limits", "privileges", "seccomp"]) == Self.forbidden)
    }

    /// Half of what its user may have is others'. The kernel holds root to nothing: there it is the daemon that counts.
    @Test(arguments: users) func threadsAreLeftToOthers(user: Int) async throws {
        let attempt = Attempt("exceed-threads")
        // More than the attempt wants, less than twice as much.
        let limit = 700 + threads(of: user)
        #expect(try await outcome(attempt, user, ["privileges"], threads: limit) == "did")
        let bounded = try await outcome(attempt, user, ["privileges", "limits", "seccomp"], threads: limit)
        #expect(bounded == (user == 0 ? "did" : "refused EAGAIN"))
    }

    private func threads(of user: Int) -> Int {
        let files = FileManager.default
        return ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).filter { Int($0) != nil }.reduce(0) { sum, process in
            let folder = "/proc/\(process)/task"
            let owner = (try? files.attributesOfItem(atPath: folder))?[.ownerAccountID] as? Int
            return owner == user ? sum + ((try? files.contentsOfDirectory(atPath: folder).count) ?? 0) : sum
        }
    }

    @Test(arguments: users) func honestWorkComesThrough(user: Int) async throws {
        let landlock = try await landlockVersion() > 0 ? ["landlock"] : []
        let layers = ["privileges", "limits", "seccomp"] + landlock
        #expect(try await outcome(Attempt("honest-work"), user, layers) == "did")
    }

    /// As on a kernel without guards: threads start, and nothing more is allowed than glibc needs for that.
    @Test(arguments: users) func threadsStartOnOlderKernels(user: Int) async throws {
        let old = ["kernel-without", "guards", "EINVAL"]
        let layers = ["privileges", "limits", "seccomp"]
        #expect(try await outcome(Attempt("honest-work"), user, layers, on: old) == "did")
        #expect(try await outcome(Attempt("hide-memory"), user, layers, on: old) == Self.killed)
        let guards = try await outcome(Attempt("guard-memory"), user, layers, on: old)
        #expect(guards == (Self.protectsGuardsOnOldKernels ? "refused ENOMEM" : Self.killed))
    }

    /// What glibc from 2.41 on asks for on Linux 6.11 and later, and can do without: refused, and nobody dies of it.
    @Test(arguments: users) func memoryThatTheKernelMayDropIsRefused(user: Int) async throws {
        #expect(try await outcome(Attempt("drop-memory"), user, ["privileges", "seccomp"]) == "refused ENOMEM")
    }

    private func landlockVersion() async throws -> Int {
        let result = try await Program.run(Self.program, ["version"])
        return try #require(Int(result.output.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    private func outcome(
        _ attempt: Attempt, _ user: Int, _ layers: [String], threads: Int? = nil, on machine: [String] = []
    ) async throws -> String {
        var words = [attempt.name, "--layers", layers.joined(separator: ",")]
        // Only root can become another.
        if geteuid() == 0 { words += ["--user", "\(user)"] }
        let result =
            if let threads {
                try await Program.run("prlimit", ["--nproc=\(threads)", Self.program] + words)
            } else if let wrapper = machine.first {
                try await Program.run(Self.built(wrapper), Array(machine.dropFirst()) + [Self.program] + words)
            } else {
                try await Program.run(Self.program, words)
            }
        try #require(result.status == 0, "\(words): \(result.errors)")
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    static let program = built("sandbox-attempts")

    private static func built(_ name: String) -> String {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
    }
}
