internal import HTTPClient
internal import Glibc
public import Objects

/// What is done with single objects.
extension S3Client {
    /// Nil where there is none.
    public func look(_ key: String, onStep: () -> Bool = { true }) throws(S3Error) -> ObjectFacts? {
        do throws(S3Error) {
            let head = try perform(Request(method: "HEAD", key: key), onStep: onStep).head
            guard let size = head["content-length"].flatMap({ Int64($0) }), size >= 0 else {
                throw .unexpected(request: "HEAD \(key)", why: "it has no length")
            }
            return ObjectFacts(size: size, tag: head["etag"])
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    /// Most stores answer the same where there was none.
    public func remove(_ key: String, onStep: () -> Bool = { true }) throws(S3Error) {
        do throws(S3Error) {
            _ = try perform(Request(method: "DELETE", key: key), onStep: onStep)
        } catch {
            guard error.isMissing else { throw error }
        }
    }

    /// Puts a file under a key. Blocks.
    public func upload(
        _ descriptor: CInt, size: Int64, as key: String, mime: String, onStep: @escaping @Sendable () -> Bool = { true }
    ) throws {
        try S3Upload(client: self, key: key, mime: mime).put(descriptor, size: size, onStep: onStep)
    }

    /// In bytes: S3 copies no more at once.
    static let mostCopied: Int64 = 5 << 30

    /// Copies within the bucket; the bytes stay there.
    public func copy(_ key: String, to copy: String, mime: String, onStep: () -> Bool = { true }) throws(S3Error) {
        let source = "/\(address.bucket)/\(SignatureV4.encoded(key, keepsSlash: true))"
        _ = try perform(
            Request(
                method: "PUT", key: copy,
                headers: [
                    (Request.copySource, source), ("x-amz-metadata-directive", "REPLACE"), ("Content-Type", mime),
                    ("Cache-Control", S3Upload.cacheControl),
                ], isSlow: true), onStep: onStep)
    }

    /// Keys of all unfinished uploads.
    package func unfinishedUploads() throws(S3Error) -> [String] {
        XMLText(try perform(Request(method: "GET", key: "", query: [("uploads", "")])).body).elements("Upload").compactMap { $0["Key"] }
    }

    /// Ends the unfinished uploads of this key: a crash leaves them, and their parts are paid for.
    public func abortUploads(of key: String, onStep: () -> Bool = { true }) throws(S3Error) {
        // A store without such uploads (501) has none of them; where we may not see them (403), `doctor` says so.
        let list = Request(method: "GET", key: "", query: [("uploads", ""), ("prefix", key)], accepted: [403, 501])
        let answer = try perform(list, onStep: onStep)
        for upload in XMLText(answer.body).elements("Upload") where upload["Key"] == key {
            guard let id = upload["UploadId"] else { continue }
            do throws(S3Error) {
                _ = try perform(Request(method: "DELETE", key: key, query: [("uploadId", id)]), onStep: onStep)
            } catch {
                guard error.status == 404 else { throw error }
            }
        }
    }

    /// For tests: a site's bucket is there.
    package func makeBucket() throws(S3Error) { _ = try perform(Request(method: "PUT", key: "")) }

    /// All keys that begin so, in order.
    public func keys(_ prefix: String, onStep: () -> Bool = { true }) throws(S3Error) -> [String] {
        var keys: [String] = []
        while true {
            var query: SignatureV4.Pairs = [("list-type", "2"), ("prefix", prefix)]
            if let last = keys.last { query.append(("start-after", last)) }
            let answer = XMLText(try perform(Request(method: "GET", key: "", query: query), onStep: onStep).body)
            let page = answer.elements("Contents").compactMap { $0["Key"] }
            keys += page
            guard answer["IsTruncated"] == "true", !page.isEmpty else { return keys }
        }
    }

    /// Writes an object into an open file, from an offset on. Blocks.
    ///
    /// - Parameters:
    ///   - tag: the object's state that is wanted: any other is refused by the store (412).
    /// - Returns: the facts of what was read.
    public func download(
        _ key: String, to descriptor: CInt, from offset: Int64 = 0, tag: String? = nil, onStep: @escaping (Int64) -> Bool = { _ in true }
    ) throws -> ObjectFacts {
        var headers: SignatureV4.Pairs = []
        if offset > 0 { headers.append(("Range", "bytes=\(offset)-")) }
        if let tag { headers.append(("If-Match", tag)) }
        var position = offset
        var failure: CInt?
        func receive(_ head: HTTPHead, _ begin: Int64, _ bytes: UnsafeRawBufferPointer) -> Bool {
            // A server may ignore the range.
            position = (head.status == 206 ? offset : 0) + begin
            var rest = bytes
            while !rest.isEmpty {
                let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(position))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    failure = count < 0 ? errno : EIO
                    return false
                }
                position += Int64(count)
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            traffic.count(received: bytes.count)
            return true
        }
        let answer: HTTPResponse
        do throws(S3Error) {
            answer = try perform(Request(method: "GET", key: key, headers: headers), onStep: { onStep(position) }, receive: receive)
        } catch {
            if let failure { throw ObjectError(key, call: "pwrite", code: failure) }
            throw error
        }
        let length = answer.head["content-length"].flatMap { Int64($0) }
        let whole = length.map { answer.head.status == 206 ? offset + $0 : $0 }
        guard let size = whole, size == position else {
            throw S3Error.unexpected(request: "GET \(key)", why: "it has \(position) of \(whole.map { "\($0)" } ?? "?") bytes")
        }
        return ObjectFacts(size: size, tag: answer.head["etag"])
    }
}
