import Foundation
import MediaWire
import Site
import Testing
import TestSupport
@testable import WorkerConfiguration

/// A password may come into any line. Whatever is wrong there, no message holds a word of it.
@Suite struct SecretTests {
    private static let secret = "S3cr3tWord"
    /// As people write it, and as it breaks what is around it.
    private static let shapes = [
        secret, "\(secret): x", "\"\(secret)", "'\(secret)", "{\(secret)", "[\(secret)", "&\(secret) *\(secret)x", "!\(secret) y", "%\(secret)",
        "@\(secret)", "- \(secret)\n x: y", "|\n\(secret)\n  a", "? \(secret)", "mysql://root:\(secret)@host:3306/db",
        "\t\(secret)", "\(secret)\u{0}", "*\(secret)", "${\(secret)", "\(secret)=\(secret) \"", "<<: \(secret)",
    ]

    private static let lines: [String] = {
        var lines = ConfigurationKeys.all.filter { !$0.name.contains(".") }.map { "\($0.name): \(ConfigurationTests.samples[$0.name] ?? "")" }
        for section in ["database", "http", "notify", "retry"] {
            lines.append("\(section):")
            lines += ConfigurationKeys.all.filter { $0.name.hasPrefix(section + ".") }
                .map { "  \($0.name.dropFirst(section.count + 1)): \(ConfigurationTests.samples[$0.name] ?? "")" }
        }
        return lines + ["limits:", "  side: 4096", "profiles:", "  small:", "    video: {crf: 24.5}", "    limits: {time: 2h}"]
    }()

    /// The line in the midst of its section and of its neighbours: what is further away takes time and changes nothing. Now and
    /// then all of it.
    private static func text(_ index: Int, as broken: String) -> String {
        var lines = lines
        lines[index] = broken
        if index % 20 == 0 { return lines.joined(separator: "\n") }
        let head = Self.lines[...index].lastIndex { !$0.hasPrefix(" ") } ?? index
        let near = max(head, index - 1)...min(lines.count - 1, index + 1)
        return ((head < near.lowerBound ? [lines[head]] : []) + lines[near]).joined(separator: "\n")
    }

    private func expectSilence(_ text: String, _ what: String, _ body: () throws -> [String]) {
        do {
            for said in try body() { #expect(!said.contains(Self.secret), "\(what): \(said)\nIn: \(text)") }
        } catch {
            #expect(!"\(error)".contains(Self.secret), "\(what): \(error)\nIn: \(text)")
        }
    }

    @Test(arguments: shapes) func aConfigurationIsNotQuoted(shape: String) {
        for index in Self.lines.indices {
            let line = Self.lines[index]
            let places = [shape, "\(line) \(shape)", "\(shape) \(line)", "\(line.prefix { $0 != ":" }): \(shape)", "  \(shape): \(line)", "\(line)\n \(shape)"]
            for broken in places {
                let text = Self.text(index, as: broken)
                expectSilence(text, "line \(index + 1)") {
                    _ = try Configuration.parse(text)
                    return []
                }
                expectSilence(broken, "a profile of the site's") {
                    _ = try Profile(text: broken, named: "video_transcode", over: Profile(), source: "the site's video_transcode")
                    return []
                }
            }
        }
    }

    @Test(arguments: shapes) func aVariableIsNotQuoted(shape: String) {
        for key in ConfigurationKeys.all {
            let variable = "TRANSCODER_" + key.name.uppercased().replacing(".", with: "_")
            expectSilence(variable, variable) {
                _ = try Configuration.parse("", environment: [variable: shape])
                return []
            }
        }
    }

    @Test(arguments: shapes) func theSitesEnvironmentIsNotQuoted(shape: String) throws {
        let place = TemporaryFolder()
        let good = [
            "APP_URL=http://localhost", "APP_TIMEZONE=UTC", "DB_CONNECTION=mysql", "DB_HOST=127.0.0.1", "DB_PORT=3306", "DB_DATABASE=x",
            "DB_USERNAME=u", "DB_PASSWORD=p", "DB_PREFIX=fs_", "DB_SSLMODE=prefer", "DB_URL=", "CACHE_STORE=redis", "REDIS_PASSWORD=p", "REDIS_PORT=1",
        ]
        for index in good.indices {
            let name = good[index].prefix { $0 != "=" }
            for broken in [shape, "\(name)=\(shape)", "\(name)=\"\(shape)", "\(name) \(shape)", "\(shape)\(good[index])", "\(good[index])\\\(shape)\""] {
                // Names of hosts, databases and users are no secrets.
                guard !["DB_HOST", "DB_DATABASE", "DB_USERNAME", "DB_PREFIX", "APP_URL"].contains(name) || broken == shape else { continue }
                var lines = good
                lines[index] = broken
                try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: place.path + "/.env"))
                expectSilence(broken, "line \(index + 1)") {
                    let settings = try SiteSettings.read(siteFolder: place.path)
                    return ["\(settings.database)", "\(settings.database.name)"]
                }
            }
        }
    }

    /// What is known of the mistake is said: its line, its column and what is wrong.
    @Test func aMistakeHasItsPlace() throws {
        let error = #expect(throws: ConfigurationError.self) { try Configuration.parse("workers: 2\nhttp: {token: \"\(Self.secret)\nreserve: 1") }
        let text = try #require(error).description
        #expect(text.hasPrefix("transcoder.yaml cannot be read as YAML: line 3, column ") && text.hasSuffix("."), "\(text)")
    }
}
