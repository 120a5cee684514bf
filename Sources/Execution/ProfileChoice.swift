public import Logging
package import MediaWire
package import Site
public import WorkerConfiguration

/// Chooses the profile of a file: the site's `video_transcode` or `audio_transcode` names one or contains one as
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
        // Also read after the work is done: an outage of a minute must not discard it.
        guard let text = try await persist({ try await site.configuration(key) }) else { return fallback }
        if let named = configuration.profiles[text] { return named }
        do {
            var profile = try Profile(text: text, named: key, over: fallback, source: "the site's \(key)")
            // The machine belongs to the operator: a site may only lower the limits.
            profile.limits = profile.limits.capped(by: fallback.limits)
            return profile
        } catch {
            // Another plugin may store its own values there: no reason to skip the site's files.
            log.warning("\(error) The profile “\(fallback.name)” is used.")
            return fallback
        }
    }
}
