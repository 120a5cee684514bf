internal import HTTPClient
internal import Objects

/// What a trial of a bucket showed: an object was written, looked at, read and removed.
public struct S3Probe: Sendable, Equatable {
    public let addressing: S3Address.Addressing
    /// Of all four.
    public let milliseconds: Int
    /// How far the store's clock is ahead, in seconds.
    public let clockSkew: Int
}

/// A step of the trial that failed.
public struct S3ProbeFault: Error, CustomStringConvertible {
    /// “written”, “looked at”, “read” or “removed”.
    public let step: String
    public let why: String
    public var description: String { "The trial object could not be \(step): \(why)" }
}

extension S3Store {
    /// Tries what a job does, with an object of its own below `folder`. Blocks.
    public func probe(in folder: String) throws -> S3Probe {
        let start = ContinuousClock.now
        let key = try ObjectPath("\(folder)/probe").hidden().text
        let bytes = Array("transcoder was here".utf8)
        func step<Value>(_ name: String, _ work: () throws -> Value) throws -> Value {
            do { return try work() } catch { throw S3ProbeFault(step: name, why: "\(error)") }
        }
        try step("written") {
            _ = try client.perform(.init(method: "PUT", key: key, headers: [("Content-MD5", Digest.md5(bytes))], body: .bytes(bytes)))
        }
        do {
            let size = try step("looked at") { try client.look(key)?.size }
            guard size == Int64(bytes.count) else { throw S3ProbeFault(step: "looked at", why: "It has \(size ?? 0) bytes instead of \(bytes.count).") }
            let read = try step("read") { try client.perform(.init(method: "GET", key: key)).body }
            guard read == bytes else { throw S3ProbeFault(step: "read", why: "It is not what was written.") }
        } catch {
            _ = try? client.remove(key)
            throw error
        }
        _ = try step("removed") { try client.remove(key) }
        guard try client.look(key) == nil else { throw S3ProbeFault(step: "removed", why: "It is still there.") }
        return S3Probe(
            addressing: client.address.addressing, milliseconds: Int((ContinuousClock.now - start) / .milliseconds(1)), clockSkew: client.clockSkew)
    }
}
