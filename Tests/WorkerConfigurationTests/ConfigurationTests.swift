import FoundationEssentials
import Jobs
import MediaWire
import SQL
import Testing
import TestSupport
@testable import WorkerConfiguration

@Suite struct ConfigurationTests {
    /// A value for every key that is not its default, as written, and how it reads back.
    static let samples: [String: String] = [
        "site": "/srv/fresns", "database.user": "transcoder", "database.password_file": "/etc/transcoder/database",
        "database.password": "two words, 0123456789", "since": "2026-01-31T12:00:00Z", "workers": "7", "threads": "3", "poll": "250ms",
        "lease": "10m", "stall": "90s", "grace": "0s", "sandbox": "best-effort", "originals": "scrub",
        "delete_originals_after": "30d", "language": "zh-Hans", "reuse": "copy", "scratch": "/var/tmp/work", "reserve": "5GiB", "priority": "none",
        "status_file": "/tmp/status.json", "socket": "/run/transcoder/notify.sock", "http.token_file": "/etc/transcoder/token",
        "http.listen": "127.0.0.1:8787", "http.token": "0123456789abcdef",
        "notify.webhook.url": "https://hooks.example.org/services/T0/B0", "notify.webhook.secret_file": "/etc/transcoder/webhook",
        "notify.webhook.secret": "0123456789abcdef", "notify.command": "/usr/local/bin/tell --to admin",
        "http.metrics": "on", "http.dashboard": "on", "http.allowed_hosts": "media.example.org 10.0.0.5:8443", "metrics_file": "/var/lib/node/transcoder.prom", "log": "json",
        "media_program": "/opt/transcoder-media", "log_level": "debug", "retry.attempts": "9", "retry.first_wait": "1s",
        "retry.longest_wait": "1d", "missing_wait": "5s", "cache_command": "php {site}/artisan forget {fid}", "video_profile": "small", "audio_profile": "small",
        "storage.endpoint": "https://s3.example.org", "storage.region": "eu-west-1", "storage.addressing": "path", "storage.ca": "/etc/ssl/own.pem",
        "storage.cache": "/srv/cache", "storage.cache_size": "5GiB", "storage.allowed_hosts": "media.example.org 10.0.0.5", "storage.transfers": "9",
    ]
    static let limitSamples = [
        "side": "4096", "pixels": "1000000", "duration": "30m", "frames": "5000", "streams": "9", "input_size": "1GiB",
        "output_size": "500000000", "memory": "512MiB", "time_factor": "8",
        "time_floor": "1m", "time": "2h",
    ]
    static let profileSamples = [
        "video.preset": "medium", "video.crf": "24.5", "video.max_side": "1280", "video.max_frame_rate": "30",
        "video.keyframe_interval": "4s", "video.peak_bits_per_pixel": "0.1", "video.background": "00AAFF",
        "audio.bitrate_per_channel": "64000", "audio.max_channels": "1", "audio.max_copy_bitrate": "256000",
        "loudness": "off", "loudness_target": "-23", "poster.max_side": "640", "poster.quantiser": "5",
        "poster_at": "1500ms", "min_share": "0.5", "verify": "full",
    ]

    @Test func theTablesHaveASampleForEveryKey() {
        #expect(Set(ConfigurationKeys.all.map(\.name)) == Set(Self.samples.keys))
        #expect(Set(ConfigurationKeys.limits.map(\.name)) == Set(Self.limitSamples.keys))
        #expect(Set(ConfigurationKeys.profile.map(\.name)) == Set(Self.profileSamples.keys))
    }

    @Test(arguments: samples)
    func everyKeyIsReadFromTheFileAndFromTheEnvironment(name: String, text: String) throws {
        let key = try #require(ConfigurationKeys.all.first { $0.name == name })
        #expect(key.text(in: Configuration()) != text, "the sample must differ from the default")
        let yaml = "profiles: {small: {}}\n" + nested(name, text)
        // An address is nothing without a token, and a password nothing without a user.
        let beside =
            name == "http.listen" ? ["TRANSCODER_HTTP_TOKEN_FILE": "/etc/transcoder/token"]
            : ["http.metrics", "http.dashboard"].contains(name) ? ["TRANSCODER_HTTP_LISTEN": "127.0.0.1:8787"]
            : name == "notify.webhook.url" ? ["TRANSCODER_NOTIFY_WEBHOOK_SECRET": "0123456789abcdef"]
            : name.hasPrefix("notify.webhook") ? ["TRANSCODER_NOTIFY_WEBHOOK_URL": "https://hooks.example.org/"]
            : name == "http.allowed_hosts"
            ? ["TRANSCODER_HTTP_LISTEN": "127.0.0.1:8787", "TRANSCODER_HTTP_DASHBOARD": "on", "TRANSCODER_HTTP_TOKEN_FILE": "/etc/transcoder/token"]
            : name.hasPrefix("database.password") ? ["TRANSCODER_DATABASE_USER": "somebody"] : [:]
        let shown = key.isSecret ? "•••" : text
        let read = try Configuration.parse(yaml, environment: beside)
        #expect(key.text(in: read) == shown)
        #expect(read != Configuration())
        // Some of what stands beside a key is an error without it.
        let without = try? Configuration.parse("profiles: {small: {}}", environment: beside)
        #expect(read != without)

        let variable = "TRANSCODER_" + name.uppercased().replacing(".", with: "_")
        let overridden = try Configuration.parse("profiles: {small: {}}", environment: beside.merging([variable: text]) { $1 })
        #expect(key.text(in: overridden) == shown)
        #expect(overridden == read)
    }

    @Test(arguments: limitSamples)
    func everyLimitIsReadForAllProfilesAndForOne(name: String, text: String) throws {
        let key = try #require(ConfigurationKeys.limits.first { $0.name == name })
        let all = try Configuration.parse("profiles: {small: {verify: full}}\nlimits: {\(name): \(text)}")
        for profile in ["web", "small"] {
            #expect(key.text(in: try #require(all.profiles[profile]).limits) == text)
        }
        let one = try Configuration.parse("profiles: {small: {limits: {\(name): \(text)}}}")
        #expect(key.text(in: try #require(one.profiles["small"]).limits) == text)
        #expect(one.profiles["web"] == Profile())
        let variable = "TRANSCODER_LIMITS_" + name.uppercased()
        #expect(key.text(in: try Configuration.parse("", environment: [variable: text]).limits) == text)
    }

    @Test(arguments: profileSamples)
    func everyFieldOfAProfileIsRead(name: String, text: String) throws {
        let key = try #require(ConfigurationKeys.profile.first { $0.name == name })
        #expect(key.text(in: Profile()) != text)
        let read = try Configuration.parse("profiles:\n  my-own:\n    " + nested(name, text, indent: 4))
        #expect(key.text(in: try #require(read.profiles["my-own"])) == text)
        #expect(read.profiles["my-own"]?.name == "my-own")
        #expect(read.profiles["web"] == Profile())
        let variable = "TRANSCODER_PROFILES_MY_OWN_" + name.uppercased().replacing(".", with: "_")
        let overridden = try Configuration.parse("profiles: {my-own: {}}", environment: [variable: text])
        #expect(overridden == read)
    }

    /// Every field that the wire knows has a key: a field without one would silently stay at its default.
    @Test func everyFieldOfAProfileHasAKey() {
        func leaves(_ value: Any) -> Int {
            let children = Mirror(reflecting: value).children
            return children.isEmpty || Mirror(reflecting: value).displayStyle != .struct
                ? 1 : children.reduce(0) { $0 + leaves($1.value) }
        }
        #expect(leaves(Profile()) - 1 == ConfigurationKeys.profile.count + ConfigurationKeys.limits.count)
    }

    @Test(arguments: ConfigurationKeys.all.map(\.name))
    func aBadValueNamesItsKey(name: String) throws {
        // A name of a profile and a path may be almost anything; nothing is nothing.
        let bad = ["site", "scratch", "status_file", "media_program"].contains(name) ? "not/absolute" : "''"
        let error = #expect(throws: ConfigurationError.self) { try Configuration.parse(nested(name, bad)) }
        #expect(try #require(error).description.contains(name))
        #expect(try #require(error).description.contains("transcoder.yaml, line"))
        let variable = "TRANSCODER_" + name.uppercased().replacing(".", with: "_")
        let other = #expect(throws: ConfigurationError.self) {
            try Configuration.parse("", environment: [variable: bad == "''" ? "" : bad])
        }
        #expect(try #require(other).description.contains(variable))
    }

    @Test func aTokenIsNeverShown() throws {
        let secret = "not a token: spaces"
        for yaml in ["http: {token: \"\(secret)\"}", "http: {listen: \"127.0.0.1:1\", token: \(secret.count)}"] {
            let error = #expect(throws: ConfigurationError.self) { try Configuration.parse(yaml) }
            #expect(try #require(error).description.contains("http.token"))
            #expect(try #require(error).description.contains("spaces") == false)
        }
        let read = try Configuration.parse("http: {token: 0123456789abcdef}")
        #expect(read.httpToken?.isShown(in: "Bearer 0123456789abcdef") == true)
        var text = ""
        dump(read, to: &text)
        #expect(!(text + "\(read)" + String(reflecting: read)).contains("0123456789abcdef"))
        let other = try Configuration.parse("http: {token: 0123456789abcdeX}")
        #expect(read.updated(by: other).ignored == ["http.token"], "a new one is noticed all the same")
    }

    @Test func aPasswordIsNeverShown() throws {
        for yaml in ["database: {password: \"a secret\\nin two lines\"}", "database: {password: a secret}"] {
            let error = #expect(throws: ConfigurationError.self) { try Configuration.parse(yaml) }
            #expect(try #require(error).description.contains("database.password"))
            #expect(try #require(error).description.contains("secret") == false)
        }
        let read = try Configuration.parse("database: {user: worker, password: a secret}")
        #expect(read.databasePassword == SQLPassword("a secret"))
        var text = ""
        dump(read, to: &text)
        #expect(!(text + "\(read)" + String(reflecting: read)).contains("secret"))
        let other = try Configuration.parse("database: {user: worker, password: another}")
        #expect(read.updated(by: other).ignored == ["database.password"], "a new one is noticed all the same")
    }

    @Test(arguments: [
        "database: {password: a secret}", "database: {password_file: /etc/secret}",
        "database: {user: worker, password: a secret, password_file: /etc/secret}",
    ])
    func aPasswordNeedsItsUser(yaml: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try Configuration.parse(yaml) }
        #expect(try #require(error).description.contains("database.user"))
        #expect(try Configuration.parse("database: {user: worker}").readDatabasePassword() == SQLPassword(""))
    }

    @Test func aPasswordIsReadFromItsFile() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/password"
        let configuration = try Configuration.parse("database: {user: worker, password_file: \(path)}")
        for (content, password) in [("a secret\n", "a secret"), (" secret ", " secret "), ("secret\r\n", "secret")] {
            try Data(content.utf8).write(to: URL(filePath: path))
            #expect(try configuration.readDatabasePassword() == SQLPassword(password))
        }
        for content in [nil, "", "\n", "secret\nsecret\n", "secret\0"] {
            try? FileManager.default.removeItem(atPath: path)
            if let content { try Data(content.utf8).write(to: URL(filePath: path)) }
            let error = #expect(throws: ConfigurationError.self) { try configuration.readDatabasePassword() }
            let text = try #require(error).description
            #expect(text.contains("database.password_file \(path)") && !text.contains("secret"), "\(text)")
        }
    }

    @Test(arguments: [
        "http: {listen: \"127.0.0.1:8787\"}",
        "http: {listen: \"127.0.0.1:8787\", token: 0123456789abcdef, token_file: /etc/token}",
    ])
    func anAddressNeedsOneToken(yaml: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try Configuration.parse(yaml) }
        #expect(try #require(error).description.contains("http.token_file"))
    }

    @Test(arguments: [
        "0.0.0.0:8787", "192.168.1.5:80", "[::]:80", "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.1:+80", "[::1]80", "::1:80", ":80",
    ])
    func onlyThisMachineIsListenedTo(address: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.parse("http: {listen: \"\(address)\", token: 0123456789abcdef}")
        }
        #expect(try #require(error).description.contains("http.listen"))
        #expect(try #require(error).description.contains("a loopback address"))
    }

    @Test(arguments: [
        ("workers: 0", "workers"), ("workers: many", "workers"), ("workers: 2.5", "workers"), ("grace: -1s", "grace"),
        ("grace: 5 parsecs", "grace"), ("poll: 0", "poll"), ("log_level: loud", "log_level"),
        ("limits: {input_size: 5 apples}", "limits.input_size"), ("limits: {output_size: 5GiB}", "limits.output_size"),
        ("profiles: {web: {video: {crf: 52}}}", "profiles.web.video.crf"),
        ("profiles: {web: {video: {preset: placebo}}}", "profiles.web.video.preset"),
        ("profiles: {web: {video: {background: red}}}", "profiles.web.video.background"),
        ("since: yesterday", "since"), ("workers: [1, 2]", "workers"), ("video_profile: huge", "video_profile"),
        ("workers: 1\nworkers: 2", "workers"), ("retry: 5", "retry"), ("limits:\n  side:", "limits.side"),
    ])
    func whatMakesNoSenseIsRefused(yaml: String, name: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try Configuration.parse(yaml) }
        #expect(error?.description.contains(name) == true)
    }

    @Test(arguments: [
        ("wrokers: 2", "wrokers", "workers"), ("retry: {attempt: 2}", "retry.attempt", "retry.attempts"),
        ("limits: {sides: 2}", "limits.sides", "limits.side"),
        ("profiles: {web: {video: {crv: 2}}}", "profiles.web.video.crv", "video.crf"),
        ("profiles: {web: {limits: {sides: 2}}}", "profiles.web.limits.sides", "limits.side"),
    ])
    func anUnknownKeyIsNamedAndTheNearestOneOffered(yaml: String, name: String, nearest: String) throws {
        let error = try #require(#expect(throws: ConfigurationError.self) { try Configuration.parse(yaml) })
        #expect(error.description.contains(name))
        #expect(error.description.contains("Did you mean “\(nearest)”?"))
    }

    @Test(arguments: ["- site", "just words", "a: [", "\"unclosed"])
    func whatIsNoConfigurationIsRefused(yaml: String) {
        #expect(throws: ConfigurationError.self) { try Configuration.parse(yaml) }
    }

    @Test(arguments: ["", "# nothing but words\n", "---\n", "limits:\nprofiles:\nretry:\ndatabase:\nhttp:\n", "profiles: {web: }"])
    func anEmptyConfigurationIsOneOfDefaults(yaml: String) throws {
        #expect(try Configuration.parse(yaml) == Configuration())
    }

    /// Eight aliases of eight aliases, eight levels deep: 400 bytes, and 16 million keys.
    @Test(.timeLimit(.minutes(10))) func aliasesOfAliasesAreNotCounted() throws {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"]
        var lines = ["x: &a {\(names.map { "\($0): 1" }.joined(separator: ", "))}"]
        for (inner, outer) in zip(names, names.dropFirst()) {
            lines.append("x\(outer): &\(outer) {\(names.map { "\($0): *\(inner)" }.joined(separator: ", "))}")
        }
        #expect(throws: ConfigurationError.self) { try Configuration.parse(lines.joined(separator: "\n")) }
    }

    @Test func theEnvironmentWinsOverTheFile() throws {
        let read = try Configuration.parse(
            "site: /srv/one\nworkers: 2", environment: ["TRANSCODER_SITE": "/srv/two", "SITE": "/srv/three"])
        #expect(read.site == "/srv/two")
        #expect(read.workers == 2)
    }

    @Test func aVariableThatNamesNoKeyIsOnlyAWarning() throws {
        let loaded = try Configuration.load(
            path: nil, environment: ["TRANSCODER_SITE": "/srv/x", "TRANSCODER_PORT": "tcp://1", "TRANSCODER_CONFIG": "/nowhere"])
        #expect(loaded.configuration.site == "/srv/x")
        #expect(loaded.warnings.count == 1)
        #expect(loaded.warnings.first?.contains("TRANSCODER_PORT") == true)
    }

    @Test func aMissingFileIsNamed() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(path: "/nowhere/transcoder.yaml", environment: ["TRANSCODER_SITE": "/srv/x"])
        }
        #expect(try #require(error).description.contains("/nowhere/transcoder.yaml"))
        #expect(throws: ConfigurationError.self) {
            try Configuration.load(path: nil, environment: ["TRANSCODER_CONFIG": "/nowhere/transcoder.yaml"])
        }
    }

    @Test(arguments: [
        ("2026-01-31", 1_769_817_600), ("2026-01-31 12:00:00", 1_769_860_800), ("2026-01-31T12:00:00Z", 1_769_860_800),
        ("2026-01-31T12:00:00+08:00", 1_769_832_000),
    ])
    func aMomentIsReadInItsZone(text: String, seconds: Int) throws {
        #expect(try Configuration.parse("since: \(text)").since == Date(timeIntervalSince1970: Double(seconds)))
    }

    @Test func aProfileIsReadFromJSON() throws {
        var base = Profile()
        base.limits.side = 99
        let profile = try Profile(
            text: #"{"video": {"crf": 30, "max_side": 640}, "verify": "full"}"#, named: "site", over: base, source: "video_transcode")
        #expect(profile.video.crf == 30)
        #expect(profile.video.maxSide == 640)
        #expect(profile.verify == .full)
        #expect(profile.limits.side == 99)
        #expect(profile.name == "site")
        let error = #expect(throws: ConfigurationError.self) {
            try Profile(text: #"{"crf": 30}"#, named: "site", over: base, source: "video_transcode")
        }
        #expect(try #require(error).description.contains("video_transcode"))
    }

    /// `a.b: 1` as YAML of two levels.
    private func nested(_ name: String, _ text: String, indent: Int = 0) -> String {
        let parts = name.split(separator: ".")
        var lines: [String] = []
        for (depth, part) in parts.enumerated() {
            let space = depth == 0 ? "" : String(repeating: " ", count: indent + 2 * depth)
            lines.append(space + part + ":" + (depth == parts.count - 1 ? " \(text)" : ""))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// No field of the limits is left out.
    @Test func everyLimitIsCapped() throws {
        let samples = Self.limitSamples
        var (low, high) = (MediaLimits(), MediaLimits())
        for key in ConfigurationKeys.limits { try key.set(samples[key.name] ?? "", in: &low, source: "test") }
        for key in ConfigurationKeys.limits {
            // The lower of the default and the sample.
            let (capped, turned) = (high.capped(by: low), low.capped(by: high))
            #expect(key.isSame(in: capped, and: turned))
            #expect(key.isSame(in: capped, and: low) || key.isSame(in: capped, and: high))
        }
        high.timeFactor = .greatestFiniteMagnitude
        #expect(high.capped(by: low).timeFactor == low.timeFactor)
        #expect(low.capped(by: low) == low)
    }
}
