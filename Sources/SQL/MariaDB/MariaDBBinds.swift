import CMariaDB
import Glibc

/// The C structs from which libmariadb reads a statement's arguments, or to which it writes a row's values, with the memory
/// that they point to. Zeroed at first; lives as long as this.
final class MariaDBBinds {
    let first: UnsafeMutablePointer<MYSQL_BIND>
    let count: Int
    private let lengths: UnsafeMutablePointer<UInt>
    private let nulls: UnsafeMutablePointer<my_bool>
    private var buffers: [UnsafeMutableRawPointer] = []

    init(count: Int) {
        self.count = count
        first = .allocate(capacity: count)
        first.initialize(repeating: MYSQL_BIND(), count: count)
        lengths = .allocate(capacity: count)
        lengths.initialize(repeating: 0, count: count)
        nulls = .allocate(capacity: count)
        nulls.initialize(repeating: 0, count: count)
    }

    deinit {
        for buffer in buffers { free(buffer) }
        first.deallocate()
        lengths.deallocate()
        nulls.deallocate()
    }

    /// Memory of `size` bytes, aligned for any number, for the bind at `index`.
    private func make(_ index: Int, _ type: enum_field_types, size: Int) -> UnsafeMutableRawPointer {
        // Never zero bytes: libmariadb takes a null pointer as "no value wanted".
        guard let buffer = calloc(1, max(size, 8)) else { fatalError("out of memory") }
        buffers.append(buffer)
        first[index].buffer_type = type
        first[index].buffer = buffer
        first[index].buffer_length = UInt(size)
        return buffer
    }

    // MARK: rows

    /// The buffer for a column's value. The library reports its length and NULL only through pointers: it copies the
    /// structs, and writes only where they point to.
    func receive(_ index: Int, _ type: enum_field_types, size: Int) {
        _ = make(index, type, size: size)
        first[index].length = lengths + index
        first[index].is_null = nulls + index
    }

    func isNull(_ index: Int) -> Bool { nulls[index] != 0 }

    /// The text written to the buffer; empty if there is none.
    func text(_ index: Int) -> SQLValue {
        guard let buffer = first[index].buffer else { return .text("") }
        let length = min(Int(lengths[index]), Int(first[index].buffer_length))
        let bytes = UnsafeRawBufferPointer(start: buffer, count: length)
        return String(validating: bytes, as: UTF8.self).map(SQLValue.text) ?? .bytes(Array(bytes))
    }

    // MARK: arguments

    func set(_ index: Int, _ value: SQLValue) {
        switch value {
        case .null:
            first[index].buffer_type = MYSQL_TYPE_NULL
        case .integer(let number):
            make(index, MYSQL_TYPE_LONGLONG, size: 8).storeBytes(of: number, as: Int64.self)
        case .boolean(let flag):
            make(index, MYSQL_TYPE_LONGLONG, size: 8).storeBytes(of: flag ? 1 : 0, as: Int64.self)
        case .real(let number):
            make(index, MYSQL_TYPE_DOUBLE, size: 8).storeBytes(of: number, as: Double.self)
        case .text(var text):
            text.withUTF8 { bytes in
                let buffer = make(index, MYSQL_TYPE_STRING, size: bytes.count)
                if let source = bytes.baseAddress { buffer.copyMemory(from: source, byteCount: bytes.count) }
            }
        case .bytes(let bytes):
            bytes.withUnsafeBytes { bytes in
                let buffer = make(index, MYSQL_TYPE_BLOB, size: bytes.count)
                if let source = bytes.baseAddress { buffer.copyMemory(from: source, byteCount: bytes.count) }
            }
        }
    }
}
