/// The sentences of remarks, in English: the one place to translate.
public enum RemarkSentences {
    /// The length of the site's column.
    public static let limit = 255

    /// All remarks as one text of at most `limit` characters, whole sentences in order; nil if there are none.
    public static func text(_ remarks: [Remark]) -> String? {
        var sentences: [String] = []
        for remark in remarks {
            let sentence = String(Self.sentence(remark).prefix(limit))
            if !sentence.isEmpty, !sentences.contains(sentence) { sentences.append(sentence) }
        }
        guard let first = sentences.first else { return nil }
        return sentences.dropFirst().reduce(first) { $0.count + 1 + $1.count <= limit ? "\($0) \($1)" : $0 }
    }

    public static func sentence(_ remark: Remark) -> String {
        switch remark {
        case .cutShort(let converted, let promised):
            "The file is cut short: \(seconds(converted)) of \(seconds(promised)) seconds could be converted."
        case .unsupported(let part, let codec):
            "The \(name(part)) is missing: its codec (\(short(codec))) is not supported."
        case .undecodable(let part, let codec):
            "The \(name(part)) is missing: it is damaged and cannot be decoded (\(short(codec)))."
        case .replaced(let part, let codec):
            "Another \(name(part)) track is used: the preferred one cannot be decoded (\(short(codec)))."
        case .leftOutFrom(let part, let codec, let time):
            "From \(seconds(time)) seconds on, the \(name(part)) continues in another track, which was left out (\(short(codec)))."
        case .joined(let time):
            "At \(seconds(time)) seconds the file continues in other tracks, which were joined."
        case .earlier(let text):
            text
        }
    }

    private static func name(_ part: Remark.Part) -> String {
        switch part {
        case .picture: "video"
        case .sound: "audio"
        }
    }

    /// The codec name comes from the file.
    private static func short(_ codec: String) -> String { String(codec.prefix(40)) }

    /// Microseconds as seconds with one decimal.
    private static func seconds(_ time: Int) -> String {
        let tenths = max(0, time) / 100_000 + (max(0, time) % 100_000 >= 50_000 ? 1 : 0)
        return "\(tenths / 10).\(tenths % 10)"
    }
}
