internal import MediaWire

/// The example file, generated from the table: every key with its meaning, allowed values, default and variable.
public enum ConfigurationExample {
    public static func text() -> String {
        var lines = [
            "# The configuration of transcoder: /etc/transcoder/transcoder.yaml.",
            "#",
            "# A site on one machine needs one key: site. All other keys show their defaults here.",
            "# Unknown keys and invalid values are errors that name the key.",
            "# Environment variables override the file: each key names its variable.",
            "",
        ]
        let defaults = Configuration()
        var open: [Substring] = []
        for key in ConfigurationKeys.all {
            let sections = Array(key.name.split(separator: ".").dropLast())
            for (level, section) in sections.enumerated() where !open.starts(with: sections[...level]) {
                lines += ["#\(String(repeating: "  ", count: level))\(section):"]
            }
            open = sections
            lines += entry(key, of: defaults, indent: sections.count, prefix: "")
        }
        lines += comment("Limits for uploads. A file over a limit fails with a reason that names the limit.", 0)
        lines += ["#limits:"]
        for key in ConfigurationKeys.limits {
            lines += entry(key, of: defaults.limits, indent: 1, prefix: "LIMITS_")
        }
        lines += comment(
            """
            Output profiles. “web” always exists; add others here. They start from the defaults shown, and video_profile and \
            audio_profile select them. A profile may set its own limits.
            """, 0)
        lines += ["#profiles:", "#  web:"]
        var section: Substring = ""
        for key in ConfigurationKeys.profile {
            let parts = key.name.split(separator: ".")
            if parts.count > 1, parts[0] != section { lines += ["#    \(parts[0]):"] }
            section = parts.count > 1 ? parts[0] : ""
            lines += entry(key, of: Profile(), indent: 1 + parts.count, prefix: "PROFILES_WEB_")
        }
        return lines.joined(separator: "\n")
    }

    private static func entry<Root>(
        _ key: ConfigurationKey<Root>, of root: Root, indent: Int, prefix: String
    ) -> [String] {
        let variable = key.environmentName(prefix: ConfigurationReader.environmentPrefix + prefix)
        let name = key.name.split(separator: ".").last ?? ""
        let space = String(repeating: "  ", count: indent)
        return comment("\(key.document) (\(key.typeName); \(variable))", indent)
            + ["#\(space)\(name): \(key.text(in: root))", ""]
    }

    /// Broken into lines of at most 110 characters.
    private static func comment(_ text: String, _ indent: Int) -> [String] {
        let start = "# " + String(repeating: "  ", count: indent)
        var lines: [String] = []
        var line = start
        for word in text.split(separator: " ") {
            if line.count + word.count > 110, line != start {
                lines.append(line)
                line = start
            }
            line += (line == start ? "" : " ") + word
        }
        return lines + [line]
    }
}
