import Foundation
import Objects
import SourceCache
import Synchronization

/// A cache in a folder of its own, with a clock that the test moves.
final class CachePlace: Sendable {
    let folder: String
    private let moment = Mutex<Int64>(1_800_000_000)

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "cache-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func open(
        capacity: Int64 = 1 << 30, transfers: Int = 4, largest: Int64 = 1 << 30, hasRoom: @escaping @Sendable (Int64) -> Bool = { _ in true }
    ) async throws -> SourceCache {
        try await SourceCache(
            .init(folder: folder, capacity: capacity, transfers: transfers, largest: largest), hasRoom: hasRoom,
            clock: { [self] in moment.withLock(\.self) })
    }

    func pass(seconds: Int64) { moment.withLock { $0 += seconds } }

    /// As a header field writes it.
    func date(_ offset: Int64 = 0) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: Date(timeIntervalSince1970: Double(moment.withLock(\.self) + offset)))
    }

    var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/files")) ?? []).map { "\(folder)/files/\($0)" }
    }
}

extension CachedSource {
    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(length))
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return Array(bytes.prefix(max(0, count)))
    }
}

extension URLOrigin {
    /// Loopback is allowed, as the site's own endpoint is.
    static func test(_ url: String) throws -> URLOrigin { try URLOrigin(url, isAllowed: { _ in true }) }
}

func noise(_ count: Int) -> [UInt8] {
    // By words: a byte at a time takes long where nothing is optimised.
    let words = (0..<(count + 7) / 8).map { _ in UInt64.random(in: 0...UInt64.max) }
    return words.withUnsafeBytes { Array($0.prefix(count)) }
}

/// What several tasks of a test read and write.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func withLock<Result: Sendable>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try value.withLock { value in try body(&value) }
    }
}
