public import Logging
package import MediaWire
package import Site
public import WorkerConfiguration

/// Which profile a file is done by: the site's own `video_transcode` or `audio_transcode` names one or holds one as
/// JSON; else the configuration's.
public struct ProfileChoice: Sendable {
    package let configuration: Configuration
    package let log: Logger

    public init(configuration: Configuration, log: Logger) {
        self.configuration = configuration
        self.log = log
    }

    package func profile(for type: MediaType, of site: Site) async throws -> Profile {
        let isSound = type == .audio
        let fallback = configuration.profiles[isSound ? configuration.audioProfile : configuration.videoProfile] ?? Profile()
        let key = isSound ? "audio_transcode" : "video_transcode"
        // Asked when the work is done, too: that is not thrown away because the server is away for a minute.
        guard let text = try await persist({ try await site.configuration(key) }) else { return fallback }
        if let named = configuration.profiles[text] { return named }
        do {
            var profile = try Profile(text: text, named: key, over: fallback, source: "the site's \(key)")
            // The machine is the operator's: a site may ask for less of it.
            profile.limits = profile.limits.capped(by: fallback.limits)
            return profile
        } catch {
            // Another plugin may have words of its own there: no reason to leave the site's files alone.
            log.warning("\(error) The profile “\(fallback.name)” is used.")
            return fallback
        }
    }
}
