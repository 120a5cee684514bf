internal import MediaProcess
internal import Platform
internal import WorkerConfiguration

/// The ways by which messages are sent, as the configuration says at the moment.
struct Channels: Sendable {
    let configuration: Configuration

    var all: [Outbox.Channel] {
        (configuration.webhook == nil ? [] : [.webhook]) + (configuration.notifyCommand == nil ? [] : [.command])
    }

    /// Delivers a message, and returns what came back, as a sentence. Throws an error whose description is a sentence.
    func send(_ body: [UInt8], by channel: Outbox.Channel) async throws -> String {
        switch channel {
        case .webhook:
            guard let address = configuration.webhook else { throw NotConfigured() }
            return try await Webhook(address: address, secret: configuration.readWebhookSecret()).send(body)
        case .command:
            guard let words = configuration.notifyCommand else { throw NotConfigured() }
            let command = ExternalCommand(key: "notify.command", words: words)
            try await BlockingThread().run { try command.run(input: body + [UInt8(ascii: "\n")]) }
            return "\(words[0]) exited with 0."
        }
    }

    private struct NotConfigured: Error, CustomStringConvertible {
        let description = "It is not configured any more."
    }
}
