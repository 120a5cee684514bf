/// The secret that signs webhooks. Printing it in any way prints dots.
public struct SigningSecret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let bytes: [UInt8]

    public static let rule = "a secret of 16 to 256 characters without spaces"

    /// nil if the text breaks `rule`.
    public init?(_ text: String) {
        guard (16...256).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        bytes = Array(text.utf8)
    }

    public var description: String { "•••" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Configuration {
    /// The secret itself, or the content of its file. Throws without quoting it.
    package func readWebhookSecret() throws(ConfigurationError) -> SigningSecret {
        if let webhookSecret { return webhookSecret }
        guard let path = webhookSecretFile else {
            throw ConfigurationError("notify.webhook.url needs a secret: set notify.webhook.secret_file or notify.webhook.secret.")
        }
        let words = try SecretFile.read("notify.webhook.secret_file", path).split(whereSeparator: \.isWhitespace)
        guard words.count == 1, let secret = SigningSecret(String(words[0])) else {
            throw ConfigurationError("notify.webhook.secret_file \(path) must contain only \(SigningSecret.rule).")
        }
        return secret
    }
}
