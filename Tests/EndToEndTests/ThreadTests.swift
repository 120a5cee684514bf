import Foundation
import SiteFixture
import Testing

/// A machine that has no thread to spare costs a file nothing but time.
@Suite(.serialized)
struct ThreadTests {
    /// The kernel holds everybody to a number of threads but root: as root, the daemon runs as nobody.
    private static let nobody: uid_t = 65534
    /// Nobody else's: the threads of all processes of a user count, and the servers of other tests are nobody's.
    private static let stranger: uid_t = 54_321

    /// Whether anybody may run what was built.
    private static let isOpenToAll: Bool = {
        guard geteuid() == 0 else { return true }
        var folder = URL(filePath: Built.folder)
        while folder.path(percentEncoded: false) != "/" {
            var status = stat()
            guard stat(folder.path(percentEncoded: false), &status) == 0, status.st_mode & S_IXOTH != 0 else { return false }
            folder.deleteLastPathComponent()
        }
        return true
    }()

    @Test(.enabled(if: isOpenToAll)) func aDaemonThatGetsNoThreadLivesOn() async throws {
        try await Workplace.use(configuration: "workers: 1\nretry:\n  first_wait: 100ms") { place in
            let first = try await place.publish("old-phone.3gp").file
            let daemon = try await start(place)
            do {
                try await until("the first is done") { try await place.site.file(first.id).state == 3 }
                try await limit(daemon, to: "1")
                let second = try await place.publish("old-phone.3gp").file
                // Where its own threads had gone to rest, it does not come as far as the file before there are some again.
                try? await until("the second fails", within: .seconds(10)) { daemon.errorsSoFar.contains("host-fault") }
                #expect(kill(daemon.processID, 0) == 0)
                try await limit(daemon, to: "1000")
                try await until("the second is done all the same") { try await place.site.file(second.id).state == 3 }
                try await stop(daemon)
            } catch {
                daemon.signal(SIGKILL)
                throw FixtureError("\(error)\nThe daemon said:\n\(daemon.errorsSoFar)")
            }
        }
    }

    /// However few there are: what a child lacks is the machine's, and never the file's.
    @Test(.enabled(if: isOpenToAll && geteuid() == 0)) func aChildThatGetsNoThreadBlamesTheMachine() async throws {
        try await Workplace.use { place in
            let output = try place.folder("open") + "/film.mp4"
            chmod(place.folder + "/open", 0o777)
            var codes: Set<String> = []
            for threads in stride(from: 10, through: 80, by: 6) {
                // Without a single thread it would wait for one for ever.
                let words = ["timeout", "--signal=KILL", "120", "prlimit", "--nproc=\(threads)", Built.transcoder, "convert", Built.media + "/clip.flv", "-o", output, "--force", "--json"]
                let result = try await Program.run("env", Self.unprivileged(words, as: Self.stranger))
                let code = try Regex("\"code\" *: *\"([a-z-]+)\"").firstMatch(in: result.output).map { String($0.output[1].substring ?? "") }
                codes.insert(code ?? (result.status == 0 ? "done" : result.status == 75 ? "later" : "\(result.status): \(result.output)\(result.errors)"))
            }
            #expect(codes.contains("host-fault") && codes.isSubset(of: ["host-fault", "done", "later"]), "\(codes)")
        }
    }

    private func start(_ place: Workplace) async throws -> Program {
        if geteuid() == 0 {
            let owner = "\(Self.nobody):\(Self.nobody)"
            try #require(try await Program.run("chown", ["-R", owner, place.folder]).status == 0)
        }
        return try Program("env", Self.unprivileged([Built.transcoder, "daemon", "--config", place.config]))
    }

    private static func unprivileged(_ words: [String], as user: uid_t = nobody) -> [String] {
        guard geteuid() == 0 else { return words }
        return ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups"] + words
    }

    /// The soft limit alone, which can be raised again.
    private func limit(_ daemon: Program, to threads: String) async throws {
        let words = ["prlimit", "--pid=\(daemon.processID)", "--nproc=\(threads):"]
        let result = try await Program.run("env", Self.unprivileged(words))
        try #require(result.status == 0, "\(result.errors)")
    }
}
