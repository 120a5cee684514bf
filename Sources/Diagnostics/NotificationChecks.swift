internal import Execution
internal import Jobs
internal import Notifications
internal import Site
internal import WorkerConfiguration

/// Checks the webhook and the command that are told of failures.
enum NotificationChecks {
    private static let noWay = "Set notify.webhook.url or notify.command (docs/notifications.md)."

    /// Empty if nothing is configured, and no test is wanted.
    static func findings(_ configuration: Configuration, sendsTest: Bool) async -> [Finding] {
        var findings: [Finding] = []
        if let address = configuration.webhook { findings.append(webhook(address, configuration)) }
        findings += [Finding.openSecret("webhook secret", configuration.webhookSecretFile)].compactMap(\.self)
        guard sendsTest else { return findings }
        let settings = configuration.site.flatMap { try? SiteSettings.read(siteFolder: $0) }
        let outcomes = await NotificationTest.run(configuration, site: settings?.appURL ?? "", host: OwnProcess.owner().host)
        if outcomes.isEmpty { findings.append(.bad("notifications", "Nothing is configured to send them.", remedy: noWay)) }
        return findings + outcomes.map { outcome in
            outcome.isGood
                ? .good("\(outcome.channel) test", outcome.sentence)
                : .bad("\(outcome.channel) test", outcome.sentence, remedy: "Correct notify.\(outcome.channel), or the receiver; then run this again.")
        }
    }

    private static func webhook(_ address: WebhookAddress, _ configuration: Configuration) -> Finding {
        do {
            _ = try configuration.readWebhookSecret()
        } catch {
            return .bad(
                "webhook", "\(error)",
                remedy: "Create a secret (“openssl rand -hex 24”) in a file that the service's user can read, and give it to the receiver.")
        }
        guard address.isEncrypted else {
            return .odd("webhook", "Messages go to \(address.origin) unencrypted.", remedy: "Use https, unless the receiver is on this machine.")
        }
        return .good("webhook", "Messages go to \(address.origin).")
    }
}
