public import FoundationEssentials
public import Logging
internal import MediaWire
public import Platform

/// A log message with its fields, formatted for each kind of reader. A value.
public struct LogLine: Sendable {
    public let level: Logger.Level
    public let message: String
    public let time: Date
    /// Sorted by name.
    package let fields: [(name: String, value: Value)]

    package enum Value: Sendable, Equatable {
        case text(String)
        case number(Double)

        init(_ value: Logger.Metadata.Value) {
            switch value {
            case .stringConvertible(let number as any BinaryInteger): self = .number(Double(Int64(clamping: number)))
            case .stringConvertible(let number as Double) where number.isFinite: self = .number(number)
            default: self = .text(PlainText.line("\(value)"))
            }
        }

        package var plain: String {
            switch self {
            case .text(let text): text
            case .number(let number): Exposition.number(number)
            }
        }
    }

    public init(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, time: Date = Date()) {
        self.level = level
        self.message = PlainText.lines(message)
        self.time = time
        fields = metadata.sorted { $0.key < $1.key }.map { ($0.key, Value($0.value)) }
    }

    /// For people: the fields follow the first line, because later lines are the child's output.
    public var text: String { "\(time.formatted(.iso8601)) \(level.rawValue): \(withFields)" }

    /// For a standard error that goes to the journal: every line with its level's number.
    public var prefixed: String {
        withFields.split(separator: "\n", omittingEmptySubsequences: false).map { "<\(level.syslogNumber)>\($0)" }
            .joined(separator: "\n")
    }

    private var withFields: String {
        guard !fields.isEmpty else { return message }
        var lines = message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let words = fields.map { name, value in
            let plain = value.plain
            return "\(name)=\(plain.contains(where: { $0 == " " || $0 == "\"" }) || plain.isEmpty ? "\"\(plain.replacing("\"", with: "'"))\"" : plain)"
        }
        lines[0] += " [\(words.joined(separator: " "))]"
        return lines.joined(separator: "\n")
    }

    /// One object, on one line.
    public var json: String {
        var object: [String: JSONValue] = [
            "time": .text(time.formatted(.iso8601)), "level": .text(level.rawValue), "message": .text(message),
        ]
        for (name, value) in fields where object[name] == nil {
            object[name] =
                switch value {
                case .text(let text): .text(text)
                case .number(let number): Int64(exactly: number).map(JSONValue.whole) ?? .real(number)
                }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and finite numbers: encoding cannot fail.
        return (try? encoder.encode(object)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    private enum JSONValue: Encodable {
        case text(String)
        case whole(Int64)
        case real(Double)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .whole(let number): try container.encode(number)
            case .real(let number): try container.encode(number)
            }
        }
    }

    /// In journald's native protocol.
    package var journal: [UInt8] {
        var bytes: [UInt8] = []
        func add(_ name: String, _ value: String) {
            guard value.contains("\n") else {
                bytes += Array("\(name)=\(value)\n".utf8)
                return
            }
            // A multi-line value is preceded by its length, in little endian.
            bytes += Array("\(name)\n".utf8)
            withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { bytes += Array($0) }
            bytes += Array(value.utf8) + [UInt8(ascii: "\n")]
        }
        add("MESSAGE", message)
        add("PRIORITY", String(level.syslogNumber))
        add("SYSLOG_IDENTIFIER", "transcoder")
        for (name, value) in fields { add("TRANSCODER_" + name.uppercased(), value.plain) }
        return bytes
    }
}

extension JournalSocket {
    /// False if the journal does not accept it, or would block: then log it in another way. Does not wait.
    public func send(_ line: LogLine) -> Bool { send(line.journal) }
}

extension Logger.Level {
    var syslogNumber: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
