internal import Platform
package import WorkerConfiguration

/// Sends a test by each configured way, past the outbox: `doctor --notify`.
package enum NotificationTest {
    package struct Outcome: Sendable, Equatable {
        /// `webhook` or `command`.
        package var channel: String
        package var isGood: Bool
        package var sentence: String
    }

    /// Empty if nothing is configured.
    ///
    /// - Parameter site: the site's address.
    package static func run(_ configuration: Configuration, site: String, host: String) async -> [Outcome] {
        let channels = Channels(configuration: configuration)
        let body = Message.test(site: site, host: host).json
        var outcomes: [Outcome] = []
        for channel in channels.all {
            do {
                outcomes.append(Outcome(channel: channel.rawValue, isGood: true, sentence: try await channels.send(body, by: channel)))
            } catch {
                outcomes.append(Outcome(channel: channel.rawValue, isGood: false, sentence: "\(error)"))
            }
        }
        return outcomes
    }
}
