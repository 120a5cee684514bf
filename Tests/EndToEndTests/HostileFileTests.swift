import Foundation
import SQL
import SiteFixture
import Testing

/// Whatever a file makes of the child that reads it, it costs that file alone.
@Suite(.serialized)
struct HostileFileTests {
    /// The real child, as the daemon keeps it ready: the kernel itself tells how it is locked in.
    @Test func theChildIsLockedInBeforeItHasAFile() async throws {
        try await Workplace.use(configuration: "workers: 2") { place in
            try await place.daemon { daemon in
                try await until("two children are ready") {
                    try daemon.mediaChildren().filter { Self.status($0)["Seccomp"] == "2" }.count == 2
                }
                for child in try daemon.mediaChildren() {
                    let status = Self.status(child)
                    #expect(status["NoNewPrivs"] == "1")
                    #expect(status["CapEff"] == "0000000000000000" && status["CapPrm"] == "0000000000000000")
                    #expect(status["Threads"] == "1", "it must be locked in before it has others")
                    let limits = try String(contentsOfFile: "/proc/\(child)/limits", encoding: .utf8).split(separator: "\n")
                    #expect(limits.contains { $0.hasPrefix("Max open files") && $0.split(separator: " ").contains("8") })
                    // Input, output, errors and the channel.
                    #expect(try FileManager.default.contentsOfDirectory(atPath: "/proc/\(child)/fd").count == 4)
                }
                let status = try await place.run("status", "--json")
                #expect(status.output.contains("\"landlock\"") && status.output.contains("\"seccomp\""), "\(status.output)")
                #expect(daemon.errorsSoFar.contains("landlock, seccomp, no-new-privileges, limits"))
                try await stop(daemon)
            }
        }
    }

    /// What the limits are follows the film, and nobody else's word.
    @Test func theChildAtWorkHasItsLimits() async throws {
        let film = try await LongFilm.shared.path(seconds: 10)
        try await Workplace.use(configuration: "workers: 1\nthreads: 1") { place in
            let file = try await place.publish(film).file
            try await place.daemon("--until-idle") { daemon in
                let own = try #require(Self.limits(daemon.processID)["Max processes"])
                try await until("a child within its limits") {
                    guard let child = try daemon.mediaChildrenAtWork(on: file.path).first else { return false }
                    let limits = Self.limits(child)
                    // The least that there is: the film is small.
                    guard limits["Max data size"] == ["1073741824", "1073741824"] else { return false }
                    #expect(limits["Max address space"] == ["2147483648", "2147483648"])
                    // Room for the muxer to say by itself that 4 GiB are too much.
                    #expect(limits["Max file size"] == ["4296015871", "4296015871"])
                    #expect(limits["Max stack size"] == ["8388608", "8388608"])
                    #expect(limits["Max core file size"] == ["0", "0"])
                    let processor = limits["Max cpu time"]?.compactMap { Int($0) } ?? []
                    #expect(processor.count == 2 && processor[0] >= 2 * 600 && processor[1] == processor[0] + 5)
                    let half = min(Int(own[0]) ?? .max, 16384) / 2
                    #expect(limits["Max processes"] == ["\(half)", "\(half)"])
                    return true
                }
                daemon.signal(SIGTERM)
                daemon.signal(SIGTERM)
                #expect(await daemon.result().status == 0)
            }
        }
    }

    /// Landlock cannot be seen from outside, but for what the kernel answers to the real child before it has its file.
    @Test func theChildEntersLandlock() async throws {
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false) + "/transcoder-e2e-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let calls = "trace=landlock_create_ruleset,landlock_restrict_self,seccomp,recvmsg"
        let result = try await Program.run(
            "strace",
            ["-ff", "-qq", "-o", folder + "/trace", "-e", calls, Built.transcoder, "probe", Built.media + "/old-phone.3gp"])
        #expect(result.status == 0, "\(result.errors)")
        let traces = try FileManager.default.contentsOfDirectory(atPath: folder).map {
            try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8).split(separator: "\n")
        }
        let trace = try #require(traces.first { $0.contains { $0.hasPrefix("landlock_") } })
        func place(_ beginning: String) throws -> Int {
            try #require(trace.firstIndex { $0.hasPrefix(beginning) && !$0.contains("= -1") }, "\(beginning) in \(trace)")
        }
        let ruleset = String(trace[try place("landlock_create_ruleset({")])
        for right in ["EXECUTE", "WRITE_FILE", "READ_FILE", "READ_DIR", "REMOVE_FILE", "MAKE_REG", "MAKE_SYM"] {
            #expect(ruleset.contains("LANDLOCK_ACCESS_FS_\(right)"))
        }
        let entered = try place("landlock_restrict_self(")
        #expect(trace[entered].hasSuffix("= 0"))
        #expect(try entered < place("seccomp(SECCOMP_SET_MODE_FILTER, 0, {"))
        #expect(try place("seccomp(SECCOMP_SET_MODE_FILTER, 0, {") < place("recvmsg("))
    }

    /// Nobody would be left to stop them: the kernel kills them, and does not wait for them to notice.
    @Test func theChildrenOfADaemonThatIsKilledDie() async throws {
        let film = try await LongFilm.shared.path(seconds: 20)
        try await Workplace.use(configuration: "workers: 2") { place in
            let file = try await place.publish(film).file
            let trace = place.folder + "/trace"
            // The tracer stays out of the way: the daemon is our own child.
            let words = ["-D", "-ff", "-q", "-o", trace, "-e", "trace=none"]
            let daemon = try Program("strace", words + [Built.transcoder, "daemon", "--config", place.config])
            defer { daemon.signal(SIGKILL) }
            var children: [Int32] = []
            try await until("one child at work, and others that are ready") {
                children = try daemon.mediaChildren().filter { Self.status($0)["Seccomp"] == "2" }
                return try !daemon.mediaChildrenAtWork(on: file.path).isEmpty && children.count > 1
            }
            let child = try await Self.signal(SIGSTOP, theChildOf: daemon, workingOn: file)
            daemon.signal(SIGKILL)
            #expect(await daemon.result().status == -SIGKILL)
            // Whoever takes over the orphans reaps them in its own time.
            try await until("none of them runs", within: .seconds(10)) {
                children.allSatisfy { ["Z", "X", nil].contains(Self.status($0)["State"]?.prefix(1).description) }
            }
            try await until("the tracer tells", within: .seconds(10)) {
                try String(contentsOfFile: "\(trace).\(child)", encoding: .utf8).contains("+++")
            }
            #expect(try String(contentsOfFile: "\(trace).\(child)", encoding: .utf8).contains("killed by SIGKILL"))
        }
    }

    @Test func aFrozenChildIsStoppedAndItsFileDoneByAnother() async throws {
        let film = try await LongFilm.shared.path(seconds: 10)
        try await Workplace.use(configuration: "workers: 1\nstall: 6s\nretry:\n  first_wait: 100ms") { place in
            let file = try await place.publish(film).file
            try await place.daemon("--until-idle") { daemon in
                try await Self.signal(SIGSTOP, theChildOf: daemon, workingOn: file)
                let result = await daemon.result()
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.errors.contains("stalled"), "\(result.errors)")
            }
            #expect(try await place.job(file.id)?.int("attempts") == 2)
            try await place.expectAllInOrder()
        }
    }

    @Test func aFileThatCrashesItsChildTwiceIsGivenUp() async throws {
        let film = try await LongFilm.shared.path(seconds: 10)
        try await Workplace.use(configuration: "workers: 1\nretry:\n  first_wait: 100ms") { place in
            let file = try await place.publish(film, expect: .failed, codes: ["crashed"]).file
            let next = try await place.publish("old-phone.3gp").file
            try await place.site.set("created_at", "2020-02-02 02:02:02", file: next.id)
            try await place.daemon("--until-idle") { daemon in
                let first = try await Self.signal(SIGSEGV, theChildOf: daemon, workingOn: file)
                try await Self.signal(SIGSEGV, theChildOf: daemon, workingOn: file, not: first)
                let result = await daemon.result()
                #expect(result.status == 0, "\(result.errors)")
            }
            let row = try await place.site.file(file.id)
            #expect(row.state == 4 && row.reason?.contains("SIGSEGV") == true, "\(row.reason ?? "")")
            #expect(try await place.site.file(next.id).state == 3)
            try await place.expectAllInOrder()
        }
    }

    /// Where the child meets a limit of its own, the limit is named, whatever the codec made of it.
    @Test(arguments: [
        ("memory-limit", "TRANSCODER_LIMITS_MEMORY", "256MiB"), ("time-limit", "TRANSCODER_LIMITS_TIME_FLOOR", "1s"),
    ])
    func aLimitIsNamed(code: String, variable: String, value: String) async throws {
        let film = try await LongFilm.shared.path(seconds: 20, size: "3840x2160")
        let output = FileManager.default.temporaryDirectory.path(percentEncoded: false) + "/transcoder-e2e-\(UUID()).mp4"
        let result = try await Program.run(
            Built.transcoder, ["convert", film, "-o", output, "--json"],
            environment: [variable: value, "TRANSCODER_LIMITS_TIME_FACTOR": code == "time-limit" ? "0.001" : "60"])
        #expect(result.status == 1)
        #expect(result.output.contains("\"\(code)\""), "\(result.output)\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    /// A playlist that names files and addresses is refused, and nothing that it names is touched.
    @Test(arguments: [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nSECRET\n#EXTINF:10,\nfile://SECRET\n#EXTINF:10,\nADDRESS\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile SECRET\nfile ADDRESS\n",
        "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\" type=\"static\"><Period><AdaptationSet><Representation id=\"1\"><BaseURL>ADDRESS</BaseURL></Representation></AdaptationSet></Period></MPD>",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    ])
    func aPlaylistOpensNothing(_ text: String) async throws {
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false) + "/transcoder-e2e-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (secret, source, trace) = (folder + "/secret.ts", folder + "/film.mp4", folder + "/trace")
        try FileManager.default.copyItem(atPath: Built.media + "/clip.flv", toPath: secret)
        let playlist = text.replacingOccurrences(of: "SECRET", with: secret)
            .replacingOccurrences(of: "ADDRESS", with: "http://127.0.0.1:9/film.ts")
        try Data(playlist.utf8).write(to: URL(filePath: source))

        let calls = "trace=open,openat,openat2,stat,newfstatat,socket,connect"
        let result = try await Program.run(
            "strace",
            ["-f", "-qq", "-o", trace, "-e", calls, Built.transcoder, "convert", source, "-o", folder + "/o.mp4", "--json"])
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.output.contains("\"forbidden-format\""), "\(result.output)")
        let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        #expect(lines.contains { $0.contains(source) }, "the trace sees what is opened")
        #expect(!lines.contains { $0.contains(secret) })
        #expect(!lines.contains { $0.contains("AF_INET") })
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["film.mp4", "secret.ts", "trace"])
    }

    @discardableResult
    private static func signal(
        _ number: Int32, theChildOf daemon: Program, workingOn file: Upload, not earlier: Int32? = nil
    ) async throws -> Int32 {
        var child: Int32 = 0
        try await until("a child at work", within: .seconds(300)) {
            child = try daemon.mediaChildrenAtWork(on: file.path).first { $0 != earlier } ?? 0
            return child != 0
        }
        #expect(kill(child, number) == 0)
        return child
    }

    /// Soft and hard, by name.
    private static func limits(_ pid: Int32) -> [String: [String]] {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").reduce(into: [:]) { limits, line in
            // The name takes 26 characters.
            limits[line.prefix(26).trimmingCharacters(in: .whitespaces)] =
                line.dropFirst(26).split(separator: " ").prefix(2).map(String.init)
        }
    }

    private static func status(_ pid: Int32) -> [String: String] {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        return Dictionary(
            text.split(separator: "\n").compactMap { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return parts.count == 2 ? (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces)) : nil
            }, uniquingKeysWith: { first, _ in first })
    }
}
