public import Verdicts

/// What a child finds of FFmpeg on its machine. Sent in the handshake.
public struct CapabilitiesReport: WireCodable, Equatable {
    /// FFmpeg's version string: "5.1.9-0+deb12u1".
    public var version = ""
    /// The oldest supported version.
    public static let oldest = "5.1"
    /// Libraries older than those the program was built with: "libavcodec is 59.18, and 59.37 is needed".
    public var outdated: [String] = []
    /// Missing parts that a job may need: "libx264", "the decoder of vp9".
    public var missing: [String] = []

    public init() {}

    /// Why no job can be done with this FFmpeg; nil if nothing is missing.
    public var shortcoming: Failure? {
        if !outdated.isEmpty { return .ffmpegTooOld(outdated.joined(separator: "; ")) }
        return missing.isEmpty ? nil : .ffmpegLacks(missing.joined(separator: ", "))
    }

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&version)
        try wire.code(&outdated)
        try wire.code(&missing)
    }
}
