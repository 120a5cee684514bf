import Foundation
import Objects
import ObjectsS3
import Testing

/// What every store promises, of the disk and of real S3 servers.
@Suite struct ConformanceTests {
    private static func with(_ place: StorePlace, _ body: (OpenStore) throws -> Void) throws {
        let open = try OpenStore(place)
        defer { open.close() }
        try body(open)
    }

    @Test(arguments: StorePlace.all) func aSourceIsReadAsItIs(_ place: StorePlace) throws {
        try Self.with(place) { open in
            for size in [0, 1, 70_000] {
                let bytes = try noise(size)
                let path = try open.upload("source-\(size).mp4", bytes)
                let source = try open.store.openSource(path, onStep: { true })
                #expect(source.bytes == bytes && source.size == size && source.path == path)
                #expect(try open.store.look(path)?.size == Int64(size))
            }
        }
    }

    @Test(arguments: StorePlace.all) func whatIsNotThereIsMissing(_ place: StorePlace) throws {
        try Self.with(place) { open in
            _ = try open.upload("here.mp4", [1])
            #expect(throws: ObjectError.missing("\(open.folder)/gone.mp4")) { try open.store.openSource("\(open.folder)/gone.mp4", onStep: { true }) }
            #expect(try open.store.look("\(open.folder)/gone.mp4") == nil)
        }
    }

    @Test(arguments: StorePlace.all, ["", "/etc/passwd", "a/../b", "a//b", "../x", "a/./b", "x\0y"])
    func noPathLeadsOutOfIt(_ place: StorePlace, _ path: String) throws {
        try Self.with(place) { open in
            #expect(throws: ObjectError.badPath(path)) { try open.store.openSource(path, onStep: { true }) }
            #expect(throws: ObjectError.badPath(path)) { try open.store.remove(path) }
            #expect(throws: ObjectError.badPath(path)) { try open.store.look(path) }
        }
    }

    /// Names as the site makes them, and as people do.
    @Test(arguments: StorePlace.all, ["plain.mp4", "with space.mp4", "视频.mp4", "a+b&c=d%41.mp4", "quote'\"<>.mp4", "emoji 🎬.mp4"])
    func namesOfAllKinds(_ place: StorePlace, _ name: String) throws {
        try Self.with(place) { open in
            let path = try open.upload(name, [1, 2, 3])
            // A folder that becomes empty may be a disk that is not mounted.
            _ = try open.upload("other.mp4", [1])
            #expect(try open.read(path) == [1, 2, 3])
            #expect(try open.store.list(open.folder).contains(name))
            #expect(try open.store.remove(path))
            #expect(try open.store.look(path) == nil)
        }
    }

    @Test(arguments: StorePlace.all, [0, 5, 100_000, 65 << 20])
    func whatIsPublishedIsThereWhole(_ place: StorePlace, _ size: Int) throws {
        try Self.with(place) { open in
            let source = try open.store.openSource(try open.upload("source.mp4", [1]), onStep: { true })
            let work = try open.store.makeWork(named: try open.store.workName(beside: source.path), for: source.path)
            let bytes = try noise(size)
            work.write(bytes)
            var steps: [String] = []
            let lock = NSLock()
            try open.store.publish(work, as: "\(open.folder)/new.mp4", mime: "video/mp4", like: source) { step in
                lock.withLock { steps.append("\(step)") }
                return true
            }
            // As data: arrays of that size compare slowly where nothing is optimised.
            let isWhole = Data(try open.read("\(open.folder)/new.mp4")) == Data(bytes)
            #expect(isWhole)
            #expect(steps.filter { $0 != "copying" } == ["durable", "named", "published"])
            #expect(open.leftovers == [])
        }
    }

    @Test(arguments: StorePlace.all) func aPublicationThatIsEndedLeavesNothing(_ place: StorePlace) throws {
        // A rename on the disk cannot be ended.
        guard place.kind != .disk else { return }
        try Self.with(place) { open in
            let source = try open.store.openSource(try open.upload("source.mp4", [1]), onStep: { true })
            let work = try open.store.makeWork(named: nil, for: source.path)
            work.write(Array(repeating: 7, count: 80 << 20))
            let path = "\(open.folder)/new.mp4"
            let calls = NSLock()
            nonisolated(unsafe) var count = 0
            #expect(throws: ObjectError.cancelled(path)) {
                try open.store.publish(work, as: path, mime: "video/mp4", like: source) { _ in
                    calls.withLock {
                        count += 1
                        return count < 40
                    }
                }
            }
            try open.store.remove(path)
            #expect(try open.store.look(path) == nil)
        }
    }

    /// An upload that was replaced while it was worked on.
    @Test(arguments: StorePlace.all) func aChangedSourceIsNoticed(_ place: StorePlace) throws {
        try Self.with(place) { open in
            let path = try open.upload("source.mp4", [1, 2, 3])
            let source = try open.store.openSource(path, onStep: { true })
            #expect(try open.store.unchanged(source, onStep: { true }) != nil)
            try open.store.remove(path)
            #expect(throws: ObjectError.self) { try open.store.unchanged(source, onStep: { true }) }
            _ = try open.upload("source.mp4", [3, 2, 1])
            #expect(try open.store.unchanged(source, onStep: { true }) == nil)
            // What was opened is still what was opened.
            #expect(source.bytes == [1, 2, 3])
        }
    }

    @Test(arguments: StorePlace.all) func aCopyIsOneOfItsOwn(_ place: StorePlace) throws {
        try Self.with(place) { open in
            let first = try open.upload("first.mp4", try noise(50_000))
            let source = try open.store.openSource(try open.upload("second.mp4", [1]), onStep: { true })
            for mayLink in [true, false] {
                let name = try open.store.workName(beside: source.path)
                let copy = try open.store.duplicate(first, named: name, like: source, mayLink: mayLink, onStep: { true })
                let path = "\(open.folder)/copy-\(mayLink).mp4"
                try open.store.publish(copy, as: path, mime: "video/mp4", like: source) { _ in true }
                #expect(try open.read(path) == open.read(first))
            }
            try open.store.remove(first)
            #expect(try open.read("\(open.folder)/copy-true.mp4").count == 50_000)
        }
    }

    @Test(arguments: StorePlace.all) func removingIsRepeatable(_ place: StorePlace) throws {
        try Self.with(place) { open in
            let path = try open.upload("a.mp4", [1])
            _ = try open.upload("b.mp4", [1])
            try open.store.remove(path)
            try open.store.remove(path)
            #expect(try open.store.list(open.folder) == ["b.mp4"])
        }
    }

    @Test(arguments: StorePlace.all) func aReadThatIsEndedEnds(_ place: StorePlace) throws {
        guard place.kind != .disk else { return }
        try Self.with(place) { open in
            let path = try open.upload("a.mp4", try noise(1 << 20))
            #expect(throws: ObjectError.cancelled(path)) { try open.store.openSource(path, onStep: { false }) }
        }
    }
}
