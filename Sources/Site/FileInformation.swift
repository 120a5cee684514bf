import Foundation

/// A file's information with the keys of Fresns' API. Encode it with sorted keys, because JSON objects are unordered.
public struct FileInformation: Sendable, Equatable, Encodable {
    /// The values by key; nil is encoded as null, as Fresns does.
    public let values: [String: Value]

    public enum Value: Sendable, Equatable, Encodable {
        case null
        case text(String)
        case number(Int64)
        case real(Double)
        case boolean(Bool)
        /// JSON from the database, passed through unchanged.
        indirect case object([String: Value])
        indirect case list([Value])

        static func text(orNull text: String?) -> Value { text.map { .text($0) } ?? .null }
        static func number(orNull number: Int64?) -> Value { number.map { .number($0) } ?? .null }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .null: try container.encodeNil()
            case .text(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            case .real(let value): try container.encode(value)
            case .boolean(let value): try container.encode(value)
            case .object(let value): try container.encode(value)
            case .list(let value): try container.encode(value)
            }
        }
    }

    public subscript(key: String) -> Value? { values[key] }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }

    /// `137.00 KB`, `0.93 KB` from 922 bytes on, and `0 B`; in v2 `137 KB` and `922 B`.
    static func size(_ bytes: Int64, v2: Bool) -> String {
        let units = ["B", "KB", "MB", "GB", "TB"]
        var amount = Double(max(bytes, 0))
        guard amount > 0 else { return "0 B" }
        var unit = 0
        while v2 ? amount >= 1024 : amount / 1024 > 0.9, unit < units.count - 1 {
            amount /= 1024
            unit += 1
        }
        var text = String(format: "%.2f", amount)
        if v2 {
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
        }
        return "\(text) \(units[unit])"
    }

    static func warning(_ type: Int64?) -> String {
        switch type {
        case 2: "nudity"
        case 3: "violence"
        case 4: "sensitive"
        default: "none"
        }
    }
}

extension Site {
    /// A file's information as in Fresns' API, with URLs built as Fresns builds them.
    ///
    /// - Parameter v2: the older format, with `md5`, `moreJson`, `videoTime` and `audioTime`.
    public func information(of file: MediaFile, v2: Bool = false) async throws -> FileInformation {
        let kind =
            switch file.type {
            case .image: "image"
            case .video: "video"
            case .audio: "audio"
            case .document, .other: "document"
            }
        let addresses = try await addresses(of: kind, for: file)
        func address(_ path: String?, _ what: String) async throws -> FileInformation.Value {
            .text(orNull: addresses.address(path, try await addressRule(what)))
        }

        var values: [String: FileInformation.Value] = [
            "fid": .text(file.fid),
            "type": .number(file.type.number),
            "status": .boolean(file.isEnabled),
            "substitutionImageUrl": .text(orNull: try await substitution(for: kind)),
            "name": .text(file.name),
            "mime": .text(orNull: file.mime),
            "extension": .text(file.extension),
            "size": .text(FileInformation.size(file.size ?? 0, v2: v2)),
            "sha": .text(orNull: file.sha),
            "shaType": .text(orNull: file.shaType),
        ]
        let duration = FileInformation.Value.number(orNull: file.duration)
        if v2 {
            values["sensitive"] = .boolean((file.warningType ?? 0) > (schema.files.contains("is_sensitive") ? 0 : 1))
            values["md5"] = .text(orNull: file.md5)
            values["moreJson"] = file.moreJSON.flatMap(FileInformation.Value.init(json:)) ?? .null
        } else {
            values["warning"] = .text(FileInformation.warning(schema.files.contains("warning_type") ? file.warningType : nil))
            values["width"] = .number(orNull: file.width)
            values["height"] = .number(orNull: file.height)
            values["duration"] = duration
        }
        switch file.type {
        case .video:
            if v2 { values["videoTime"] = duration }
            values["videoPosterUrl"] = .text(
                orNull: addresses.poster(file.posterPath, of: file.path, try await addressRule("video_poster")))
            values["videoUrl"] = try await address(file.path, "video_transcode")
            values["transcodingState"] = .number(file.state.rawValue)
        case .audio:
            if v2 { values["audioTime"] = duration }
            values["audioUrl"] = try await address(file.path, "audio_transcode")
            values["transcodingState"] = .number(file.state.rawValue)
        case .image, .document, .other:
            break
        }
        return FileInformation(values: values)
    }
}

extension FileInformation.Value {
    /// nil if the text is not JSON.
    init?(json: String) {
        guard let value = try? JSONDecoder().decode(FileInformation.Value.self, from: Data(json.utf8)) else { return nil }
        self = value
    }
}

extension FileInformation.Value: Decodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .number(value)
        } else if let value = try? container.decode(Double.self) {
            self = .real(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([FileInformation.Value].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: FileInformation.Value].self))
        }
    }
}
