internal import MediaWire

/// docs/configuration.md, generated from the table: every key with its meaning, default, type and variable.
public enum ConfigurationReference {
    public static func text() -> String {
        var lines = [
            "# Configuration", "",
            "<!-- Generated from the table of keys by `WRITE_EXAMPLE=1 swift test --filter ConfigurationExampleTests`. -->", "",
            "`/etc/transcoder/transcoder.yaml`, or the file passed with `--config`. A site on one machine needs one key, `site`;",
            "`transcoder init --site FOLDER` writes it. [transcoder.example.yaml](../config/transcoder.example.yaml) has the same keys as a template.",
            "",
            "- Unknown keys and invalid values are errors that name the key, the file and the line.",
            "- Environment variables override the file: each key has one.",
            "- SIGHUP (`systemctl reload transcoder`) reloads it. Keys marked *restart* take effect at the next start.",
            "- A dot stands for nesting: `retry.attempts` is `attempts: 3` below `retry:`.",
            "", "## The daemon", "",
        ]
        lines += table(ConfigurationKeys.all, of: Configuration(), prefix: "", name: "")
        lines += [
            "", "## limits", "",
            "Limits for uploads, for all profiles. A file over a limit fails with a reason that names the limit. In a profile",
            "(`profiles.NAME.limits`) they apply to that profile only.", "",
        ]
        lines += table(ConfigurationKeys.limits, of: Configuration().limits, prefix: "LIMITS_", name: "limits.")
        lines += [
            "", "## profiles", "",
            "Output profiles. `web` always exists; others (`profiles.NAME`) start from these defaults, and are",
            "selected by `video_profile` and `audio_profile`. The variables are those of `web`.", "",
        ]
        lines += table(ConfigurationKeys.profile, of: Profile(), prefix: "PROFILES_WEB_", name: "profiles.web.")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func table<Root>(_ keys: [ConfigurationKey<Root>], of root: Root, prefix: String, name: String) -> [String] {
        ["| key | default | meaning |", "|---|---|---|"]
            + keys.map { key in
                let variable = key.environmentName(prefix: ConfigurationReader.environmentPrefix + prefix)
                let restart = name.isEmpty && Configuration.keysOfStart.contains(key.name) ? " *Restart.*" : ""
                let words = "\(key.document) Type: \(key.typeName).\(restart) `\(variable)`"
                return "| `\(name)\(key.name)` | `\(key.text(in: root))` | \(escaped(words)) |"
            }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("<", with: "&lt;")
    }
}
