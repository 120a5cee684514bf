public import FoundationEssentials
internal import Glibc
public import MediaWire
internal import Platform

extension Configuration {
    public static let defaultPath = "/etc/transcoder/transcoder.yaml"

    /// A configuration, with its warnings.
    public struct Loaded: Sendable {
        public let configuration: Configuration
        /// Its path.
        package var file = defaultPath
        /// Whether the file itself holds a password or token.
        package var holdsSecret = false
        /// Sentences for the log.
        public let warnings: [String]

        package init(configuration: Configuration, file: String = defaultPath, holdsSecret: Bool = false, warnings: [String]) {
            self.configuration = configuration
            self.file = file
            self.holdsSecret = holdsSecret
            self.warnings = warnings
        }
    }

    /// Reads the file and the environment over it.
    ///
    /// - Parameter path: nil is the default path, which may be missing if the environment names the site.
    public static func load(
        path: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> Loaded {
        var reader = ConfigurationReader()
        let file = path ?? environment["TRANSCODER_CONFIG"] ?? defaultPath
        if let text = try read(file) {
            try reader.read(yaml: text, file: file)
        } else if path != nil || environment["TRANSCODER_SITE"] == nil {
            throw ConfigurationError(
                "There is no configuration at \(file). Create one with “transcoder init --site FOLDER --config \(file)”.")
        }
        let holdsSecret = reader.holdsSecret
        reader.read(environment: environment)
        let configuration = try reader.finish()
        return Loaded(
            configuration: configuration, file: file, holdsSecret: holdsSecret,
            warnings: reader.strangeVariables.map { "The environment variable \($0) matches no configuration key." })
    }

    /// As `load`, for commands that need no site: without a file, the defaults and the environment apply.
    public static func loadIfPresent(
        path: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> Configuration {
        let file = path ?? environment["TRANSCODER_CONFIG"] ?? defaultPath
        if path != nil || FileManager.default.fileExists(atPath: file) {
            return try load(path: path, environment: environment).configuration
        }
        return try parse("", file: file, environment: environment)
    }

    /// Reads a configuration from text: for `init`, and for tests.
    package static func parse(
        _ yaml: String, file: String = "transcoder.yaml", environment: [String: String] = [:]
    ) throws(ConfigurationError) -> Configuration {
        var reader = ConfigurationReader()
        try reader.read(yaml: yaml, file: file)
        reader.read(environment: environment)
        return try reader.finish()
    }

    /// Nil if there is no such file.
    private static func read(_ path: String) throws(ConfigurationError) -> String? {
        do throws(SystemFileError) {
            return try SystemFile.wholeText(path)
        } catch {
            if error.code == ENOENT || error.code == ENOTDIR { return nil }
            throw ConfigurationError("The configuration \(path) cannot be read: \(error.why).")
        }
    }
}

extension Profile {
    /// Reads a profile from YAML or JSON text over another one: the site's own `video_transcode` may hold one.
    public init(text: String, named name: String, over base: Profile, source: String) throws(ConfigurationError) {
        self = try ConfigurationReader.profile(text: text, over: base, source: source)
        self.name = name
    }
}
