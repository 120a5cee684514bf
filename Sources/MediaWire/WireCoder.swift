/// A value that is sent between the daemon and its media child.
///
/// One method lists the fields in order and serves both directions, so that writing and reading cannot drift
/// apart. Daemon and child are built together: there is no versioning, and any surplus or missing byte is an error.
public protocol WireCodable: Sendable {
    init()
    mutating func code(_ wire: inout WireCoder) throws(WireError)
}

public enum WireError: Error, Equatable, Sendable {
    case truncated
    case surplus(bytes: Int)
    case notUTF8
    case tooLong(Int)
    case unknownValue(UInt8)
    case notFinite
}

/// Writes or reads one message as bytes: integers little-endian, strings and lists prefixed with a count.
/// Reading trusts nothing: every count is checked against the remaining bytes before any allocation.
public struct WireCoder: Sendable {
    /// The largest message: one record of the socket.
    public static let limit = 64 * 1024

    private(set) var bytes: [UInt8]
    private var position = 0
    private let isWriting: Bool

    private init(bytes: [UInt8], isWriting: Bool) {
        self.bytes = bytes
        self.isWriting = isWriting
    }

    public static func encode(_ value: some WireCodable) throws(WireError) -> [UInt8] {
        var wire = WireCoder(bytes: [], isWriting: true)
        var copy = value
        try copy.code(&wire)
        guard wire.bytes.count <= limit else { throw .tooLong(wire.bytes.count) }
        return wire.bytes
    }

    public static func decode<Value: WireCodable>(_ type: Value.Type, from bytes: [UInt8]) throws(WireError) -> Value {
        guard bytes.count <= limit else { throw .tooLong(bytes.count) }
        var wire = WireCoder(bytes: bytes, isWriting: false)
        var value = Value()
        try value.code(&wire)
        guard wire.position == bytes.count else { throw .surplus(bytes: bytes.count - wire.position) }
        return value
    }

    public mutating func code(_ value: inout UInt8) throws(WireError) {
        if isWriting {
            bytes.append(value)
        } else {
            guard position < bytes.count else { throw .truncated }
            value = bytes[position]
            position += 1
        }
    }

    public mutating func code(_ value: inout Bool) throws(WireError) {
        var byte: UInt8 = value ? 1 : 0
        try code(&byte)
        guard byte <= 1 else { throw .unknownValue(byte) }
        value = byte == 1
    }

    public mutating func code(_ value: inout Int64) throws(WireError) {
        var bits = UInt64(bitPattern: value)
        for shift in stride(from: 0, to: 64, by: 8) {
            var byte = UInt8(truncatingIfNeeded: bits >> UInt64(shift))
            try code(&byte)
            bits = bits & ~(0xFF << UInt64(shift)) | UInt64(byte) << UInt64(shift)
        }
        value = Int64(bitPattern: bits)
    }

    public mutating func code(_ value: inout Int) throws(WireError) {
        var wide = Int64(value)
        try code(&wide)
        value = Int(wide)
    }

    public mutating func code(_ value: inout Double) throws(WireError) {
        var bits = Int64(bitPattern: value.bitPattern)
        try code(&bits)
        value = Double(bitPattern: UInt64(bitPattern: bits))
        guard value.isFinite else { throw .notFinite }
    }

    /// One line of text: everything else is stripped on reading.
    public mutating func code(_ value: inout String) throws(WireError) {
        try code(utf8: &value)
        if !isWriting { value = PlainText.line(value) }
    }

    /// Multi-line text.
    public mutating func code(lines value: inout String) throws(WireError) {
        try code(utf8: &value)
        if !isWriting { value = PlainText.lines(value) }
    }

    private mutating func code(utf8 value: inout String) throws(WireError) {
        var count = value.utf8.count
        try code(&count)
        if isWriting {
            bytes.append(contentsOf: value.utf8)
        } else {
            guard count >= 0, count <= bytes.count - position else { throw .truncated }
            guard let text = String(validating: bytes[position..<position + count], as: UTF8.self) else {
                throw .notUTF8
            }
            value = text
            position += count
        }
    }

    public mutating func code<Value: WireCodable>(_ value: inout Value) throws(WireError) {
        try value.code(&self)
    }

    public mutating func code<Value: RawRepresentable>(_ value: inout Value) throws(WireError)
    where Value.RawValue == UInt8 {
        var raw = value.rawValue
        try code(&raw)
        guard let known = Value(rawValue: raw) else { throw .unknownValue(raw) }
        value = known
    }

    public mutating func code(_ value: inout String?) throws(WireError) {
        try code(&value, empty: "") { (wire, text) throws(WireError) in try wire.code(&text) }
    }

    public mutating func code(_ value: inout Int?) throws(WireError) {
        try code(&value, empty: 0) { (wire, number) throws(WireError) in try wire.code(&number) }
    }

    public mutating func code(_ value: inout Double?) throws(WireError) {
        try code(&value, empty: 0) { (wire, number) throws(WireError) in try wire.code(&number) }
    }

    public mutating func code<Value: WireCodable>(_ value: inout Value?) throws(WireError) {
        try code(&value, empty: Value()) { (wire, field) throws(WireError) in try field.code(&wire) }
    }

    public mutating func code<Value: WireCodable>(_ list: inout [Value]) throws(WireError) {
        try code(&list, empty: Value()) { (wire, element) throws(WireError) in try element.code(&wire) }
    }

    public mutating func code(_ list: inout [String]) throws(WireError) {
        try code(&list, empty: "") { (wire, element) throws(WireError) in try wire.code(&element) }
    }

    private mutating func code<Value>(
        _ value: inout Value?, empty: Value, _ field: (inout WireCoder, inout Value) throws(WireError) -> Void
    ) throws(WireError) {
        var isPresent = value != nil
        try code(&isPresent)
        guard isPresent else { return value = nil }
        var inner = value ?? empty
        try field(&self, &inner)
        value = inner
    }

    private mutating func code<Value>(
        _ list: inout [Value], empty: Value, _ field: (inout WireCoder, inout Value) throws(WireError) -> Void
    ) throws(WireError) {
        var count = list.count
        try code(&count)
        if !isWriting {
            // Every element takes at least one byte, which limits what a false count can allocate.
            guard count >= 0, count <= bytes.count - position else { throw .truncated }
            list = []
        }
        for index in 0..<count {
            var element = isWriting ? list[index] : empty
            try field(&self, &element)
            if !isWriting { list.append(element) }
        }
    }
}
