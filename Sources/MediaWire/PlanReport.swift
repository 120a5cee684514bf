public import Verdicts

/// How a file will be converted, and why.
public struct PlanReport: WireCodable, Equatable {
    /// "mp4", "m4a" or "mp3"; nil if the file needs no conversion.
    public var output: String?
    /// The estimated maximum size of the output in bytes; nil if none is written.
    public var outputSize: Int?
    public var decisions: [PlanDecision] = []
    /// What will be missing from the result, as far as known before the work.
    public var remarks: [Remark] = []
    /// The same as text of at most 255 characters; nil if there is none.
    public var remark: String? { remarks.text(in: .english) }

    public init() {}

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&output)
        try wire.code(&outputSize)
        try wire.code(&decisions)
        try wire.code(&remarks)
    }
}

/// One decision and its reason: "stream 0: encode as H.264 — it is HEVC, which many browsers do not play".
public struct PlanDecision: WireCodable, Equatable {
    /// Nil if it concerns the whole file.
    public var stream: Int?
    public var action = ""
    public var reason = ""

    public init() {}

    public init(stream: Int? = nil, action: String, reason: String) {
        self.stream = stream
        self.action = action
        self.reason = reason
    }

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&stream)
        try wire.code(&action)
        try wire.code(&reason)
    }
}
