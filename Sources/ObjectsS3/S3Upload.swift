internal import HTTPClient
internal import Objects
internal import Platform
internal import Synchronization

/// Puts a finished file under a key: at once, or in equal parts that are sent side by side. Blocks.
///
/// Memory: libcurl's buffers alone, for each part under way; the bytes are read from the file as they are sent, twice (Content-MD5
/// must be known before).
struct S3Upload {
    let client: S3Client
    let key: String
    let mime: String

    /// Up to here one request does it; and the parts beyond. R2 wants all parts but the last to be of one size.
    static let single: Int64 = 64 << 20
    static let part: Int64 = 16 << 20
    /// Amazon takes 10,000; Swift, unless set otherwise, 1,000.
    static let mostParts: Int64 = 1_000
    /// In bytes: no store takes a larger one.
    static let mostOfPart: Int64 = 5 << 30
    static let atOnce = 4

    /// Names are random and their content never changes.
    static let cacheControl = "public, max-age=31536000, immutable"

    private var headers: SignatureV4.Pairs { [("Content-Type", mime), ("Cache-Control", Self.cacheControl)] }

    func put(_ descriptor: CInt, size: Int64, onStep: @escaping @Sendable () -> Bool) throws -> Void {
        guard size > Self.single else {
            let md5 = try Digest.md5(of: descriptor, offset: 0, length: size, path: key, onStep: onStep)
            _ = try client.perform(
                .init(
                    method: "PUT", key: key, headers: headers + [("Content-MD5", md5)], body: .file(descriptor, offset: 0, length: size)),
                onStep: onStep)
            return
        }
        let began = try client.perform(.init(method: "POST", key: key, query: [("uploads", "")], headers: headers), onStep: onStep)
        guard let id = XMLText(began.body)["UploadId"], !id.isEmpty else {
            throw S3Error.unexpected(request: "POST \(key)", why: "it names no upload")
        }
        do {
            let tags = try sendParts(of: descriptor, size: size, id, onStep: onStep)
            try complete(id, tags, size: size, onStep: onStep)
            // Where the answer to the first request was lost, the store began two uploads.
            try client.abortUploads(of: key, onStep: onStep)
        } catch {
            // Unfinished parts are paid for. What fails here is found by the record of keys.
            _ = try? client.perform(.init(method: "DELETE", key: key, query: [("uploadId", id)]))
            throw error
        }
    }

    static func partSize(of size: Int64) -> Int64 {
        let least = (size + mostParts - 1) / mostParts
        let mebibyte: Int64 = 1 << 20
        return min(mostOfPart, max(part, (least + mebibyte - 1) / mebibyte * mebibyte))
    }

    private func sendParts(of descriptor: CInt, size: Int64, _ id: String, onStep: @escaping @Sendable () -> Bool) throws -> [String] {
        let length = Self.partSize(of: size)
        let count = Int((size + length - 1) / length)
        let progress = Mutex(PartProgress(tags: Array(repeating: "", count: count)))
        ThreadGroup.run(min(Self.atOnce, count)) {
            while let index = progress.withLock({ $0.next() }) {
                do {
                    let offset = Int64(index) * length
                    let part = (offset: offset, length: min(length, size - offset))
                    let mayGoOn: @Sendable () -> Bool = { onStep() && progress.withLock { $0.fault == nil } }
                    let md5 = try Digest.md5(of: descriptor, offset: part.offset, length: part.length, path: key, onStep: mayGoOn)
                    let answer = try client.perform(
                        .init(
                            method: "PUT", key: key, query: [("partNumber", "\(index + 1)"), ("uploadId", id)],
                            headers: [("Content-MD5", md5)], body: .file(descriptor, offset: part.offset, length: part.length)),
                        onStep: mayGoOn)
                    progress.withLock { $0.tags[index] = answer.head["etag"] ?? "" }
                } catch {
                    progress.withLock { $0.fault = $0.fault ?? error }
                }
            }
        }
        return try progress.withLock { progress in
            if let fault = progress.fault { throw fault }
            return progress.tags
        }
    }

    private struct PartProgress {
        var tags: [String]
        var fault: (any Error)?
        private var begun = 0

        init(tags: [String]) { self.tags = tags }

        mutating func next() -> Int? {
            guard fault == nil, begun < tags.count else { return nil }
            defer { begun += 1 }
            return begun
        }
    }

    private func complete(_ id: String, _ tags: [String], size: Int64, onStep: () -> Bool) throws {
        let parts = tags.enumerated().map { "<Part><PartNumber>\($0.offset + 1)</PartNumber><ETag>\(Self.escaped($0.element))</ETag></Part>" }
        let body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(parts.joined())</CompleteMultipartUpload>"
        do throws(S3Error) {
            _ = try client.perform(
                .init(
                    method: "POST", key: key, query: [("uploadId", id)], headers: [("Content-Type", "application/xml")],
                    body: .bytes(Array(body.utf8)), isSlow: true), onStep: onStep)
        } catch {
            // With this code the answer to an earlier attempt was lost: the caller looks whether the object is there.
            guard error.code == "NoSuchUpload" else { throw error }
        }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
