import Foundation
import Jobs
import MediaWire
import Objects
import Synchronization
import Testing
@testable import Worker

@Suite struct RoomTests {
    private static let poster: Int64 = 1 << 20

    private func planned(_ bytes: Int?) -> MediaMessage {
        var plan = PlanReport()
        plan.outputSize = bytes
        return .planned(plan)
    }

    private func room(free: Int64, storage: Int64? = nil, reserve: Int = 0) throws -> (Room, FreeSpace) {
        let space = FreeSpace(work: free, storage: storage)
        return (try Room(reserve: reserve) { space }, space)
    }

    @Test func whatIsNeededAndTheReserveMustBeThere() throws {
        let (room, space) = try room(free: 10_000_000, reserve: 5_000_000)
        let fits = 5_000_000 - Self.poster
        #expect(room.shortage(of: 1, sourceSize: fits, scrubs: false, in: space) == nil)
        let shortage = try #require(room.shortage(of: 1, sourceSize: fits + 1, scrubs: false, in: space))
        #expect(shortage.verdict.code == .noRoom)
        #expect(shortage.verdict.reason.contains("5.0 MB are needed, 10.0 MB are free, 5.0 MB of them are to stay free"))
        #expect(room.shortage(of: 1, sourceSize: fits / 2 + 1, scrubs: true, in: space) != nil, "a scrubbed original counts")
        #expect(room.shortage(of: 1, sourceSize: 0, scrubs: false, in: FreeSpace(work: 5_000_000)) != nil, "never nothing")
        #expect(room.shortage(of: 1, sourceSize: .max / 4, scrubs: false, in: nil) == nil, "a disk that cannot be asked")
        room.set(reserve: 0)
        #expect(room.shortage(of: 1, sourceSize: fits + 1, scrubs: false, in: space) == nil)
    }

    @Test func whatRunningJobsMayStillWriteIsTheirs() throws {
        let (room, space) = try room(free: 10_000_000)
        room.begin(1, sourceSize: 6_000_000, scrubs: false)
        #expect(room.promised == 6_000_000 + Self.poster)
        #expect(room.shortage(of: 2, sourceSize: 2_000_000, scrubs: false, in: space) != nil)
        // What it has written is free no more.
        let folder = TemporaryFolder()
        let path = folder.path + "/output"
        try Data(count: 5_000_000).write(to: URL(filePath: path))
        let file = try #require(FileHandle(forReadingAtPath: path))
        let limits = MediaLimits()
        #expect(room.hear(.progress(MediaProgress()), of: 1, output: file.fileDescriptor, limits: limits) == nil)
        #expect(room.promised == 1_000_000 + Self.poster)
        #expect(room.shortage(of: 2, sourceSize: 2_000_000, scrubs: false, in: space) == nil)
        room.end(1)
        #expect(room.promised == 0)
    }

    @Test func aPlanReplacesTheGuessAndIsRemembered() throws {
        let (room, space) = try room(free: 10_000_000)
        room.begin(1, sourceSize: 1000, scrubs: false)
        #expect(room.hear(planned(5_000_000), of: 1, output: nil, limits: MediaLimits()) == nil)
        #expect(room.promised == 5_000_000 + Self.poster)
        #expect(room.hear(planned(20_000_000), of: 1, output: nil, limits: MediaLimits()) != nil)
        room.end(1)
        #expect(room.shortage(of: 1, sourceSize: 1000, scrubs: false, in: space) != nil, "not begun in vain again")
        #expect(room.shortage(of: 2, sourceSize: 1000, scrubs: false, in: space) == nil)
        #expect(room.shortage(of: 1, sourceSize: 1000, scrubs: false, in: FreeSpace(work: 30_000_000)) == nil)
    }

    /// A child that lies gets no more than a result may have, and no overflow.
    @Test(arguments: [Int.min, -1, 0, .max])
    func whatAChildSaysIsClamped(bytes: Int) throws {
        let (room, _) = try room(free: 10_000_000)
        var limits = MediaLimits()
        limits.outputSize = 4_000_000
        room.begin(1, sourceSize: 1000, scrubs: false)
        #expect(room.hear(planned(bytes), of: 1, output: nil, limits: limits) == nil)
        #expect((1...4_000_000).contains(room.promised - Self.poster))
    }

    /// Work is done in the scratch folder, and copied to the storage as a whole.
    @Test func bothFileSystemsCount() throws {
        let (room, _) = try room(free: 0)
        let full = FreeSpace(work: 10_000_000, storage: 2_000_000), wide = FreeSpace(work: 10_000_000, storage: 20_000_000)
        #expect(room.shortage(of: 1, sourceSize: 5_000_000, scrubs: false, in: full) != nil)
        #expect(room.shortage(of: 1, sourceSize: 5_000_000, scrubs: false, in: wide) == nil)
        #expect(room.shortage(of: 1, sourceSize: 15_000_000, scrubs: false, in: wide) != nil)
    }
}
