internal import CLinux
internal import Glibc
internal import HTTPClient

/// Brings one source into a part: from where an earlier transfer broke off, if the origin still has the same, else from its start. Used by
/// one thread, and blocks.
final class SourceTransfer {
    enum Outcome {
        /// What was here whole is still what the origin has.
        case unchanged(HTTPHead)
        case whole(HTTPHead)
    }

    private let origin: any CacheOrigin
    private let part: CachePart
    private let largest: Int64
    private let hasRoom: (Int64) -> Bool
    private let tell: (CacheProgress) -> Bool
    private var progress = CacheProgress(done: 0)
    private var fault: FetchError?
    /// Of the answer whose body is being received.
    private var begun: HTTPHead?
    /// Where its body begins in the file.
    private var base: Int64 = 0

    private static let attempts = 5
    /// Bytes. Where the server does not tell how many come, the room is looked at anew after so many.
    private static let stretch: Int64 = 64 << 20
    /// Bytes between two beginnings of writing out.
    private static let flush: Int64 = 16 << 20

    init(
        _ origin: any CacheOrigin, into part: CachePart, largest: Int64, hasRoom: @escaping (Int64) -> Bool,
        tell: @escaping (CacheProgress) -> Bool
    ) {
        self.origin = origin
        self.part = part
        self.largest = largest
        self.hasRoom = hasRoom
        self.tell = tell
    }

    /// - Parameter known: the validators of what is here whole.
    func run(known: Validators?) throws -> Outcome {
        var attempt = 1
        while true {
            let before = part.length
            do {
                return try once(known)
            } catch let error as HTTPFault where error.isTransient && fault == nil && attempt < Self.attempts {
                // Each attempt that brought something on is a first one.
                attempt = part.length > before ? 1 : attempt + 1
                try pause(attempt)
            }
        }
    }

    private func once(_ known: Validators?) throws -> Outcome {
        begun = nil
        var fields: [(name: String, value: String)] = []
        let offset = part.length
        if offset > 0, let validator = part.validators?.forRange {
            fields = [("Range", "bytes=\(offset)-"), ("If-Range", validator)]
            base = offset
        } else {
            part.cut(to: 0)
            base = 0
            if let known { fields = known.conditions }
        }
        progress = CacheProgress(done: part.length, whole: progress.whole)
        let head: HTTPHead
        do {
            head = try origin.get(fields, onStep: { [self] in tell(progress) }) { [self] head, position, bytes in
                receive(head, position, bytes)
            }
        } catch {
            if let fault { throw fault }
            throw error
        }
        switch head.status {
        case 304 where known != nil: return .unchanged(head)
        case 416 where offset > 0:
            // The part is as long as the source was, or longer than it is.
            part.cut(to: 0)
            return try once(known)
        case 200, 206:
            // A body without a byte is not received.
            if begun == nil { guard begin(head) else { throw fault ?? .cancelled } }
            guard progress.whole.map({ $0 == part.length }) ?? true else {
                throw FetchError.broken(why: "it has \(part.length) of \(progress.whole ?? 0) bytes")
            }
            return .whole(head)
        default: throw FetchError.refused(status: head.status)
        }
    }

    private func begin(_ head: HTTPHead) -> Bool {
        begun = head
        if head.status == 206 {
            guard let range = ContentRange(head["content-range"] ?? ""), range.start == base else {
                // The next attempt asks for the whole.
                part.cut(to: 0)
                return stop(.broken(why: "the server sent another part than the one asked for"))
            }
            progress.whole = range.whole
        } else {
            base = 0
            part.cut(to: 0)
            progress.whole = head["content-length"].flatMap { Int64($0) }
        }
        if let whole = progress.whole {
            guard whole <= largest else { return stop(.tooLarge(limit: largest)) }
            guard hasRoom(whole - base) else { return stop(.noSpace(need: whole - base)) }
        }
        part.note(Validators(head))
        return true
    }

    private func receive(_ head: HTTPHead, _ position: Int64, _ bytes: UnsafeRawBufferPointer) -> Bool {
        if begun == nil || position == 0 { guard begin(head) else { return false } }
        var rest = bytes
        var place = base + position
        let end = place + Int64(rest.count)
        guard end <= largest else { return stop(.tooLarge(limit: largest)) }
        if progress.whole == nil, place == 0 || place / Self.stretch != end / Self.stretch {
            guard hasRoom(Self.stretch) else { return stop(.noSpace(need: Self.stretch)) }
        }
        while !rest.isEmpty {
            let count = pwrite(part.descriptor, rest.baseAddress, rest.count, off_t(place))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let isFull = count < 0 && (errno == ENOSPC || errno == EDQUOT)
                return stop(isFull ? .noSpace(need: Int64(rest.count)) : .folder(part.path, why: String(cString: strerror(errno))))
            }
            place += Int64(count)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        // What is on its way to the disk already is not waited for at the end.
        if progress.done / Self.flush != place / Self.flush { clinux_begin_writing_out(part.descriptor) }
        progress.done = place
        return true
    }

    private func stop(_ error: FetchError) -> Bool {
        fault = fault ?? error
        return false
    }

    /// Twice as long each time, by chance up to as much again.
    private func pause(_ attempt: Int) throws {
        let seconds = min(10, 0.2 * Double(1 << attempt)) * Double.random(in: 0.5..<1)
        for _ in 0..<max(1, Int(seconds / 0.1)) {
            guard tell(progress) else { throw FetchError.cancelled }
            usleep(100_000)
        }
    }
}
