internal import MediaWire

/// Which picture and which sound of a file are taken, and why the other streams are not.
struct StreamChoice {
    private(set) var chosen: Set<Int> = []
    private(set) var leftOut: [PlanDecision] = []

    init(_ streams: [StreamInfo], _ subject: MediaSubject) {
        func best(_ kind: StreamInfo.Kind, by worth: (StreamInfo) -> Int) -> Int? {
            streams.filter { $0.kind == kind && $0.isDecodable }.min { Self.isBetter($0, than: $1, by: worth) }?.index
        }
        let picture =
            subject == .audio
            ? nil : best(.video) { ($0.picture?.width ?? 0).multipliedReportingOverflow(by: $0.picture?.height ?? 0).partialValue }
        let sound = best(.audio) { $0.sound?.channels ?? 0 }
        chosen = Set([picture, sound].compactMap(\.self))
        leftOut = streams.filter { !chosen.contains($0.index) }.map { stream in
            PlanDecision(stream: stream.index, action: "leave out", reason: Self.reason(stream, subject))
        }
    }

    /// The film's own track goes before a commentary or a dub, the default before the others, the larger before the
    /// smaller, the first before the later.
    private static func isBetter(_ a: StreamInfo, than b: StreamInfo, by worth: (StreamInfo) -> Int) -> Bool {
        if a.isAlternative != b.isAlternative { return b.isAlternative }
        if a.isDefault != b.isDefault { return a.isDefault }
        return worth(a) != worth(b) ? worth(a) > worth(b) : a.index < b.index
    }

    private static func reason(_ stream: StreamInfo, _ subject: MediaSubject) -> String {
        switch stream.kind {
        case .video where subject == .audio: "only sound is played here"
        case .video, .audio: stream.isDecodable ? "another track is better" : "its codec cannot be read here"
        case .cover: "a picture that belongs to the sound, not a film"
        case .subtitle: "subtitles are not kept"
        case .data: "data tracks may tell where and by whom it was filmed"
        }
    }
}
