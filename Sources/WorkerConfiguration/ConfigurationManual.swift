internal import MediaWire

/// The manual page transcoder.yaml(5), generated from the table of keys.
public enum ConfigurationManual {
    public static func text() -> String {
        var lines = [
            #".\" Generated from the table of configuration keys by ConfigurationExampleTests."#,
            ".Dd", ".Dt TRANSCODER.YAML 5", ".Os", ".Sh NAME", ".Nm transcoder.yaml",
            ".Nd configuration of transcoder", ".Sh SYNOPSIS", ".Pa /etc/transcoder/transcoder.yaml", ".Sh DESCRIPTION",
            "A site on one machine needs one key:", ".Cm site .",
            "Everything else has a default.",
            "Unknown keys and invalid values are errors that name the key.",
            "Dots in names stand for nested keys.",
            "Environment variables override the file: each key names its variable.",
            ".Sh KEYS", ".Bl -tag -width 6n",
        ]
        lines += ConfigurationKeys.all.flatMap { entry($0, of: Configuration(), name: "", variable: "") }
        lines += [".El", ".Sh LIMITS", "Limits for uploads."]
        lines += ["A file over a limit fails with a reason that names the limit.", ".Bl -tag -width 6n"]
        lines += ConfigurationKeys.limits.flatMap {
            entry($0, of: Configuration().limits, name: "limits.", variable: "LIMITS_")
        }
        lines += [
            ".El", ".Sh PROFILES", "Output profiles.", ".Dq web",
            "always exists; others start from these defaults. Select them with", ".Cm video_profile", "and",
            ".Cm audio_profile .", "A profile may set its own limits.", ".Bl -tag -width 6n",
        ]
        lines += ConfigurationKeys.profile.flatMap {
            entry($0, of: Profile(), name: "profiles.web.", variable: "PROFILES_WEB_")
        }
        lines += [
            ".El", ".Sh FILES", ".Bl -tag -width 6n", ".It Pa /etc/transcoder/transcoder.example.yaml",
            "Every key with its default.", ".El", ".Sh SEE ALSO", ".Xr transcoder 1",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func entry<Root>(
        _ key: ConfigurationKey<Root>, of root: Root, name: String, variable: String
    ) -> [String] {
        let variable = key.environmentName(prefix: ConfigurationReader.environmentPrefix + variable)
        return [
            ".It Cm \(escaped(name + key.name))", escaped(key.document),
            escaped("Type: \(key.typeName). Default: \(key.text(in: root)). Variable: \(variable)."),
        ]
    }

    /// Escaped for troff.
    private static func escaped(_ text: String) -> String {
        let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
    }
}
