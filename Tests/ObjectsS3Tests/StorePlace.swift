import Foundation
import HTTPClient
import Objects
import ObjectsS3
import Testing

/// A store of each kind, with a folder of its own in it.
struct StorePlace: Sendable, CustomTestStringConvertible {
    enum Kind: String, Sendable, CaseIterable { case disk, seaweed, moto, other }

    let kind: Kind

    static let all = Kind.allCases.filter { $0 == .disk || $0.address != nil }.map(StorePlace.init)

    var testDescription: String { kind.rawValue }
}

extension StorePlace.Kind {
    var address: String? {
        switch self {
        case .disk: nil
        case .seaweed: TestServers.seaweed
        case .moto: TestServers.moto
        case .other: TestServers.other
        }
    }
}

/// One that is open.
struct OpenStore {
    let store: any ObjectStore
    /// Of this test alone.
    let folder: String
    private let root: URL
    private let client: S3Client?

    init(_ place: StorePlace) throws {
        root = FileManager.default.temporaryDirectory.appending(path: "stores-\(UUID().uuidString)")
        folder = "videos/\(UUID().uuidString)"
        try FileManager.default.createDirectory(at: root.appending(path: folder), withIntermediateDirectories: true)
        if let address = place.kind.address {
            let client = try S3Client.test(address)
            self.client = client
            store = S3Store(client, scratch: try ScratchFolder(root.path))
        } else {
            client = nil
            store = try LocalDisk(root: root.path)
        }
    }

    func close() { try? FileManager.default.removeItem(at: root) }

    /// As an upload that the site made.
    func upload(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(folder)/\(name)"
        if let client {
            let file = root.appending(path: UUID().uuidString)
            try Data(bytes).write(to: file)
            let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
            defer { Foundation.close(descriptor) }
            try client.upload(descriptor, size: Int64(bytes.count), as: path, mime: "video/mp4")
        } else {
            try Data(bytes).write(to: root.appending(path: path))
        }
        return path
    }

    func read(_ path: String) throws -> [UInt8] { try store.openSource(path, onStep: { true }).bytes }

    /// What lies in the scratch folder, or hidden beside the objects.
    var leftovers: [String] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: root.path)) ?? []
        return names.filter { $0.hasSuffix(".part") }
    }
}

extension SourceObject {
    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(size))
        var read = 0
        while read < bytes.count {
            let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress! + read, $0.count - read, off_t(read)) }
            guard count > 0 else { return Array(bytes.prefix(read)) }
            read += count
        }
        return bytes
    }
}

extension WorkObject {
    func write(_ bytes: [UInt8]) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress! + written, $0.count - written, off_t(written)) }
            precondition(count > 0)
            written += count
        }
    }
}

func noise(_ count: Int) throws -> [UInt8] {
    guard count > 0 else { return [] }
    let source = try FileHandle(forReadingFrom: URL(filePath: "/dev/urandom"))
    defer { try? source.close() }
    return [UInt8](try #require(try source.read(upToCount: count)))
}
