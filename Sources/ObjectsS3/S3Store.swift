public import Objects
public import SourceCache

/// A bucket. Sources are downloaded into nameless files of a folder on this host, where work files lie, too: a crash leaves
/// nothing on the disk. In the bucket it may leave an object, or an unfinished upload, under a key that is recorded.
public struct S3Store: ObjectStore {
    let client: S3Client
    let scratch: ScratchFolder

    public init(_ client: S3Client, scratch: ScratchFolder) {
        self.client = client
        self.scratch = scratch
    }

    public var name: String { client.address.name }
    public var traffic: S3Traffic { client.traffic }

    public func openSource(_ path: String, onStep: () -> Bool) throws(ObjectError) -> SourceObject {
        let key = try ObjectPath(path).text
        return try within(key) {
            let work = try scratch.makeWork(for: key)
            guard let facts = try client.look(key, onStep: onStep) else { throw ObjectError.missing(key) }
            // What is read is what was looked at: another state is refused.
            let read = try withoutActuallyEscaping(onStep) { onStep in
                try client.download(key, to: work.descriptor, tag: facts.tag, onStep: { _ in onStep() })
            }
            return try unwrapped(try SourceObject(copy: work, of: key, tag: read.tag), onStep)
        }
    }

    /// As `openSource`, from the cache if it has it.
    ///
    /// - Parameter onStep: called on a thread of the cache, at least once a second.
    public func openSource(
        _ path: String, through cache: SourceCache, onStep: @escaping @Sendable (CacheProgress) -> Bool
    ) async throws(ObjectError) -> SourceObject {
        let key = try ObjectPath(path).text
        do {
            let cached = try await cache.open(try origin(of: key), onProgress: onStep)
            let source = try withExtendedLifetime(cached) { try SourceObject(lent: cached.descriptor, of: key, tag: cached.etag) }
            return try unwrapped(source) { onStep(CacheProgress(done: source.size, whole: source.size)) }
        } catch {
            throw fault(error, of: key)
        }
    }

    /// What is in the form, if that is what the store has.
    private func unwrapped(_ source: SourceObject, _ onStep: () -> Bool) throws(ObjectError) -> SourceObject {
        guard let range = FormEnvelope.content(of: source.descriptor, size: source.size) else { return source }
        let work = try scratch.makeWork(for: source.path)
        try work.fill(from: source, range: range, onStep: onStep)
        return try SourceObject(copy: work, of: source.path, tag: source.tag, storedSize: source.size)
    }

    public func origin(of path: String) throws(ObjectError) -> S3Origin { S3Origin(client, object: try ObjectPath(path).text) }

    public func unchanged(_ source: SourceObject, onStep: () -> Bool) throws(ObjectError) -> SourceObject? {
        try within(source.path) {
            guard let facts = try client.look(source.path, onStep: onStep) else { throw ObjectError.missing(source.path) }
            return facts.size == source.storedSize && facts.tag == source.tag ? source : nil
        }
    }

    public func workName(beside path: String) throws(ObjectError) -> String? { nil }

    public func makeWork(named name: String?, for path: String) throws(ObjectError) -> WorkObject {
        try scratch.makeWork(for: path)
    }

    @discardableResult
    public func publish(
        _ work: WorkObject, as path: String, mime: String, like source: SourceObject, onStep: (PublicationStep) -> Bool
    ) throws(ObjectError) -> Publication {
        let key = try ObjectPath(path).text
        let size = try work.size()
        return try within(key) {
            try withoutActuallyEscaping(onStep) { onStep -> Publication in
                let step = SendableStep(call: onStep)
                if let origin = work.origin, size <= S3Client.mostCopied {
                    try client.copy(origin, to: key, mime: mime) { step.call(.copying) }
                } else {
                    try client.upload(work.descriptor, size: size, as: key, mime: mime) { step.call(.copying) }
                }
                // Whatever was answered: the object itself tells.
                guard let facts = try client.look(key), facts.size == size else {
                    throw S3Error.unexpected(request: "PUT \(key)", why: "the object is not there afterwards, or has another size")
                }
                _ = onStep(.durable)
                _ = onStep(.named)
                _ = onStep(.published)
                work.discard()
                return Publication(hasOwner: true)
            }
        }
    }

    public func duplicate(
        _ path: String, named name: String?, like source: SourceObject, mayLink: Bool, onStep: () -> Bool
    ) throws(ObjectError) -> WorkObject {
        let key = try ObjectPath(path).text
        return try within(key) {
            let work = try scratch.makeWork(for: source.path, origin: key)
            _ = try withoutActuallyEscaping(onStep) { onStep in
                try client.download(key, to: work.descriptor, onStep: { _ in onStep() })
            }
            return work
        }
    }

    public func look(_ path: String) throws(ObjectError) -> ObjectFacts? {
        let key = try ObjectPath(path).text
        return try within(key) { try client.look(key) }
    }

    @discardableResult
    public func remove(_ path: String) throws(ObjectError) -> Bool {
        let key = try ObjectPath(path).text
        return try within(key) {
            // The answer to a removal is the same whether there was one.
            let wasThere = try client.look(key) != nil
            if wasThere { try client.remove(key) }
            try client.abortUploads(of: key)
            return wasThere
        }
    }

    public func list(_ folder: String) throws(ObjectError) -> [String] {
        let prefix = folder.isEmpty ? "" : "\(folder)/"
        return try within(folder) {
            let keys = try client.keys(prefix)
            // What is in a folder below is another's.
            return keys.map { String(decoding: $0.utf8.dropFirst(prefix.utf8.count), as: UTF8.self) }.filter { !$0.contains("/") }
        }
    }

    private func within<Value>(_ key: String, _ work: () throws -> Value) throws(ObjectError) -> Value {
        do {
            return try work()
        } catch {
            throw fault(error, of: key)
        }
    }

    /// A store that cannot be reached, or does not let us in, says nothing about any file.
    private func fault(_ error: any Error, of key: String) -> ObjectError {
        switch error {
        case let error as ObjectError: error
        case S3Error.cancelled, FetchError.cancelled: .cancelled(key)
        case let error as S3Error where error.isMissing: .missing(key)
        case FetchError.noSpace: .noSpace(key)
        case let error as S3Error: .unreachable(name, why: error.description)
        default: .unreachable(name, why: "\(error)")
        }
    }
}

/// Called by the threads of one upload, one of which is the caller's, which waits for the others.
///
/// `@unchecked Sendable`: the closure is the caller's and may be called from any thread by the protocol's contract: it counts steps.
private struct SendableStep: @unchecked Sendable {
    let call: (PublicationStep) -> Bool
}
