/// What a child finds of FFmpeg on its machine. Told when it is greeted.
public struct CapabilitiesReport: WireCodable, Equatable {
    /// FFmpeg's own word for itself: "5.1.9-0+deb12u1".
    public var version = ""
    /// The oldest that will do.
    public static let oldest = "5.1"
    /// Libraries that are older than what the program was built with: "libavcodec is 59.18, and 59.37 is needed".
    public var outdated: [String] = []
    /// What every job may need, and is not there: "libx264", "the decoder of vp9".
    public var missing: [String] = []

    public init() {}

    /// A sentence for people; nil where nothing is wanting.
    public var shortcoming: String? {
        if !outdated.isEmpty {
            return "This machine's FFmpeg (\(version)) is older than the version that transcoder was built with: \(outdated.joined(separator: "; "))."
        }
        return missing.isEmpty ? nil : "This machine's FFmpeg (\(version)) lacks \(missing.joined(separator: ", "))."
    }

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&version)
        try wire.code(&outdated)
        try wire.code(&missing)
    }
}
