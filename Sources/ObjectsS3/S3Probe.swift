internal import HTTPClient
internal import Objects

/// What a trial of a bucket showed: an object was written, looked at, read and removed, and a large upload begun and ended.
public struct S3Probe: Sendable, Equatable {
    public let addressing: S3Address.Addressing
    /// Of all steps.
    public let milliseconds: Int
    /// How far the store's clock is ahead, in seconds.
    public let clockSkew: Int
}

/// A step of the trial that failed.
public struct S3ProbeFault: Error, CustomStringConvertible {
    /// What a job does, and Amazon's name of the right to it.
    public enum Step: String, Sendable {
        case write = "write an object (s3:PutObject)"
        case look = "look at an object (s3:GetObject)"
        case read = "read an object (s3:GetObject)"
        case remove = "remove an object (s3:DeleteObject)"
        case miss = "see that an object is not there (s3:ListBucket)"
        case begin = "begin a large upload (s3:PutObject)"
        case list = "list unfinished uploads (s3:ListBucketMultipartUploads)"
        case end = "end an unfinished upload (s3:AbortMultipartUpload)"
    }

    public let step: Step
    public let why: String
    public var description: String { "The service could not \(step.rawValue): \(why)" }
}

extension S3Store {
    /// Tries what a job does, with an object of its own below `folder`. Blocks.
    public func probe(in folder: String) throws -> S3Probe {
        let start = ContinuousClock.now
        let key = try ObjectPath("\(folder)/probe").hidden().text
        do {
            try tryObject(key)
            try tryUpload(key)
        } catch {
            _ = try? remove(key)
            throw error
        }
        return S3Probe(
            addressing: client.address.addressing, milliseconds: Int((ContinuousClock.now - start) / .milliseconds(1)), clockSkew: client.clockSkew)
    }

    private func tryObject(_ key: String) throws {
        let bytes = Array("transcoder was here".utf8)
        try step(.write) {
            _ = try client.perform(.init(method: "PUT", key: key, headers: [("Content-MD5", Digest.md5(bytes))], body: .bytes(bytes)))
        }
        let size = try step(.look) { try client.look(key)?.size }
        guard size == Int64(bytes.count) else { throw S3ProbeFault(step: .look, why: "It has \(size ?? 0) bytes instead of \(bytes.count).") }
        let read = try step(.read) { try client.perform(.init(method: "GET", key: key)).body }
        guard read == bytes else { throw S3ProbeFault(step: .read, why: "It is not what was written.") }
        _ = try step(.remove) { try client.remove(key) }
        guard try step(.miss, { try client.look(key) }) == nil else { throw S3ProbeFault(step: .remove, why: "It is still there.") }
    }

    private func tryUpload(_ key: String) throws {
        let began = try step(.begin) { try client.perform(.init(method: "POST", key: key, query: [("uploads", "")])) }
        guard let id = XMLText(began.body)["UploadId"] else { throw S3ProbeFault(step: .begin, why: "The answer names no upload.") }
        _ = try step(.list) { try client.perform(.init(method: "GET", key: "", query: [("uploads", ""), ("prefix", key)], accepted: [501])) }
        _ = try step(.end) { try client.perform(.init(method: "DELETE", key: key, query: [("uploadId", id)])) }
    }

    private func step<Value>(_ step: S3ProbeFault.Step, _ work: () throws -> Value) throws -> Value {
        do { return try work() } catch { throw S3ProbeFault(step: step, why: "\(error)") }
    }
}
