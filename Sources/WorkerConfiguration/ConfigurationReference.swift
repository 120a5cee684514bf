internal import MediaWire

/// docs/configuration.md, made from the table: every key with its meaning, its default, what may be written, and its variable.
public enum ConfigurationReference {
    public static func text() -> String {
        var lines = [
            "# Configuration", "",
            "<!-- Made from the table of keys; `WRITE_EXAMPLE=1 swift test --filter ConfigurationExampleTests` writes it. -->", "",
            "`/etc/transcoder/transcoder.yaml`, or the file that `--config` names. A site on one machine needs one key, `site`, and",
            "`transcoder init --site FOLDER` writes it. [transcoder.example.yaml](../config/transcoder.example.yaml) is the same as a file to begin with.",
            "",
            "- An unknown key, and a value that makes no sense, are errors that name the key, the file and the line.",
            "- The environment overrides the file: each key has a variable.",
            "- SIGHUP (`systemctl reload transcoder`) reads it anew. What is marked *restart* is taken up at the next start only.",
            "- Levels are written as YAML has them (`retry:` and, beneath it, `attempts: 3`), and named with a dot here.",
            "", "## The daemon", "",
        ]
        lines += table(ConfigurationKeys.all, of: Configuration(), prefix: "", name: "")
        lines += [
            "", "## limits", "",
            "What a file may ask of this machine, for all profiles. A file over a limit fails with a reason that names it. Beneath a profile",
            "(`profiles.NAME.limits`) they are that profile's.", "",
        ]
        lines += table(ConfigurationKeys.limits, of: Configuration().limits, prefix: "LIMITS_", name: "limits.")
        lines += [
            "", "## profiles", "",
            "What results should be. `web` is always there; others are named here (`profiles.NAME`), begin with these defaults, and are",
            "chosen by `video_profile` and `audio_profile`. The variables are those of `web`.", "",
        ]
        lines += table(ConfigurationKeys.profile, of: Profile(), prefix: "PROFILES_WEB_", name: "profiles.web.")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func table<Root>(_ keys: [ConfigurationKey<Root>], of root: Root, prefix: String, name: String) -> [String] {
        ["| key | default | what |", "|---|---|---|"]
            + keys.map { key in
                let variable = key.environmentName(prefix: ConfigurationReader.environmentPrefix + prefix)
                let restart = name.isEmpty && Configuration.keysOfStart.contains(key.name) ? " *Restart.*" : ""
                let words = "\(key.document) Must be \(key.typeName).\(restart) `\(variable)`"
                return "| `\(name)\(key.name)` | `\(key.text(in: root))` | \(escaped(words)) |"
            }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("<", with: "&lt;")
    }
}
