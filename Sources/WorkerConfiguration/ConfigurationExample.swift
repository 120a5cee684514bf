internal import MediaWire

/// The example file, made from the table: every key with its meaning, what may be written, its default and its variable.
public enum ConfigurationExample {
    public static func text() -> String {
        var lines = [
            "# The configuration of transcoder: /etc/transcoder/transcoder.yaml.",
            "#",
            "# A site on one machine needs one key: site. Everything else shows its default here.",
            "# An unknown key and a value that makes no sense are errors that name the key.",
            "# The environment overrides the file: the variable is named with each key.",
            "",
        ]
        let defaults = Configuration()
        var section: Substring = ""
        for key in ConfigurationKeys.all {
            let parts = key.name.split(separator: ".")
            if parts.count > 1, parts[0] != section { lines += ["#\(parts[0]):"] }
            section = parts.count > 1 ? parts[0] : ""
            lines += entry(key, of: defaults, indent: parts.count - 1, prefix: "")
        }
        lines += comment("What a file may ask of this machine. A file over a limit fails with a reason that names it.", 0)
        lines += ["#limits:"]
        for key in ConfigurationKeys.limits {
            lines += entry(key, of: defaults.limits, indent: 1, prefix: "LIMITS_")
        }
        lines += comment(
            """
            What the results should be. “web” is always there; others are named here, begin with the defaults that are \
            shown, and are chosen by video_profile and audio_profile. A profile may have limits of its own.
            """, 0)
        lines += ["#profiles:", "#  web:"]
        section = ""
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
