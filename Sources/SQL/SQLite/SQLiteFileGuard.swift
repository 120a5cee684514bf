import GRDBSQLite
import Glibc
import Synchronization

/// A SQLite VFS for one connection, which only continues while the database at the path
/// is the one that was opened.
///
/// SQLite finds a journal by the database's name. If another file has taken that name, the journal beside it belongs to another
/// database: taken for a hot journal, it would be rolled back into the wrong file and deleted while its owner relies on it. So
/// after getting a lock, or finding or opening a journal, this checks the database at the path *afterwards*: if it is still
/// ours, what was locked, found or opened belongs to it. Otherwise the statement fails with `SQLITE_READONLY_DBMOVED`.
///
/// Unchecked: SQLite calls it on the thread that uses the connection, never on two at once.
final class SQLiteFileGuard: @unchecked Sendable {
    /// The opened database; nil before.
    private(set) var database: FileIdentity?
    /// A journal of ours was beside another database: it was replaced during a write.
    private(set) var isTorn = false
    /// SQLite's name for it, with links resolved.
    private var path: String?
    /// The rollback journal, or the write-ahead log, that was opened last.
    private var journals: [String: FileIdentity] = [:]
    private let vfs: UnsafeMutablePointer<sqlite3_vfs>
    private let name: UnsafeMutablePointer<CChar>

    /// The default VFS, to be looked up before any of ours is registered.
    private static let system = SystemVFS(first: sqlite3_vfs_find(nil))
    private static let registering = Mutex(())
    static let moved = SQLITE_READONLY | (4 << 8)  // SQLITE_READONLY_DBMOVED: a macro that Swift does not see.

    private struct SystemVFS: @unchecked Sendable {
        let first: UnsafeMutablePointer<sqlite3_vfs>!
    }

    init() {
        vfs = .allocate(capacity: 1)
        name = strdup("transcoder-guard")
        vfs.initialize(to: Self.system.first.pointee)
        vfs.pointee.zName = UnsafePointer(name)
        vfs.pointee.pNext = nil
        vfs.pointee.pAppData = Unmanaged.passRetained(self).toOpaque()
        vfs.pointee.xOpen = { vfs, name, file, flags, outFlags in SQLiteFileGuard.of(vfs).open(name, file, flags, outFlags) }
        vfs.pointee.xAccess = { vfs, name, flags, answer in SQLiteFileGuard.of(vfs).access(name, flags, answer) }
        vfs.pointee.xDelete = { vfs, name, sync in SQLiteFileGuard.of(vfs).delete(name, sync) }
    }

    /// Opens a connection with this VFS. GRDB cannot name a VFS: so this one is the default
    /// during the call. The connection keeps it from then on.
    func opening<T>(_ open: () throws -> T) rethrows -> T {
        try Self.registering.withLock { _ in
            let system = Self.system.first
            sqlite3_vfs_register(vfs, 1)
            defer {
                sqlite3_vfs_register(system, 1)
                sqlite3_vfs_unregister(vfs)
            }
            return try open()
        }
    }

    /// The connection is closed for certain. The guard of a connection that may still be closed is never released.
    func release() {
        Unmanaged<SQLiteFileGuard>.fromOpaque(vfs.pointee.pAppData).release()
        vfs.deallocate()
        free(name)
    }

    /// Whether another file, or none, is at the path of the opened one.
    var hasMoved: Bool {
        guard let path, let database else { return false }
        return FileIdentity(path) != database
    }

    private static func of(_ vfs: UnsafeMutablePointer<sqlite3_vfs>!) -> SQLiteFileGuard {
        Unmanaged.fromOpaque(vfs.pointee.pAppData).takeUnretainedValue()
    }

    // MARK: VFS methods

    private func open(
        _ name: UnsafePointer<CChar>?, _ file: UnsafeMutablePointer<sqlite3_file>!, _ flags: CInt, _ outFlags: UnsafeMutablePointer<CInt>?
    ) -> CInt {
        let isDatabase = flags & SQLITE_OPEN_MAIN_DB != 0
        let isJournal = flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL) != 0
        if isJournal, hasMoved {
            file.pointee.pMethods = nil
            return Self.moved
        }
        let system = Self.system.first!
        // A missing database is never created.
        let code = system.pointee.xOpen(system, name, file, isDatabase ? flags & ~SQLITE_OPEN_CREATE : flags, outFlags)
        guard code == SQLITE_OK, let name, isDatabase || isJournal else { return code }
        let text = String(cString: name)
        if isDatabase {
            (path, database) = (text, FileIdentity(text))
            // The name may belong to another file by now: check the file itself.
            var isMoved: CInt = 0
            let answer = file.pointee.pMethods.pointee.xFileControl(file, SQLITE_FCNTL_HAS_MOVED, &isMoved)
            if database != nil, answer != SQLITE_OK || isMoved == 0 {
                GuardedFile.wrap(file, self)
                return code
            }
        } else {
            journals[text] = FileIdentity(text)
            if !hasMoved { return code }
        }
        // An empty journal created by this is kept: another program may be writing to it by now.
        _ = file.pointee.pMethods.pointee.xClose(file)
        file.pointee.pMethods = nil
        return Self.moved
    }

    private func access(_ name: UnsafePointer<CChar>?, _ flags: CInt, _ answer: UnsafeMutablePointer<CInt>?) -> CInt {
        let system = Self.system.first!
        let code = system.pointee.xAccess(system, name, flags, answer)
        return hasMoved ? Self.moved : code
    }

    /// Removes a journal of ours, but no other.
    private func delete(_ name: UnsafePointer<CChar>?, _ sync: CInt) -> CInt {
        let system = Self.system.first!
        guard hasMoved, let name else { return system.pointee.xDelete(system, name, sync) }
        // Replaced during a commit: our journal is beside a database that it would damage.
        let text = String(cString: name)
        if text.hasSuffix("-journal"), let ours = journals[text] {
            isTorn = true
            if FileIdentity(text) == ours { _ = system.pointee.xDelete(system, name, sync) }
        }
        return Self.moved
    }
}

/// Identifies a file while it is open.
struct FileIdentity: Equatable {
    private let device: dev_t
    private let inode: ino_t

    /// Follows links; nil if there is nothing.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        (device, inode) = (status.st_dev, status.st_ino)
    }
}

/// An open database file whose locks are checked. Its methods pointer comes first, so that a file leads here.
private struct GuardedFile {
    var methods: sqlite3_io_methods
    let original: UnsafePointer<sqlite3_io_methods>
    let owner: Unmanaged<SQLiteFileGuard>

    /// Lives until the file is closed.
    static func wrap(_ file: UnsafeMutablePointer<sqlite3_file>, _ owner: SQLiteFileGuard) {
        let original = file.pointee.pMethods!
        let own = UnsafeMutablePointer<GuardedFile>.allocate(capacity: 1)
        own.initialize(to: GuardedFile(methods: original.pointee, original: original, owner: .passUnretained(owner)))
        own.pointee.methods.xLock = { file, level in GuardedFile.lock(file, level) }
        own.pointee.methods.xClose = { file in GuardedFile.close(file) }
        if original.pointee.iVersion >= 2 {
            own.pointee.methods.xShmLock = { file, offset, count, flags in GuardedFile.lockIndex(file, offset, count, flags) }
        }
        file.pointee.pMethods = UnsafeRawPointer(own).assumingMemoryBound(to: sqlite3_io_methods.self)
    }

    private static func of(_ file: UnsafeMutablePointer<sqlite3_file>!) -> UnsafeMutablePointer<GuardedFile> {
        UnsafeMutableRawPointer(mutating: file.pointee.pMethods).assumingMemoryBound(to: GuardedFile.self)
    }

    private var hasMoved: Bool { owner.takeUnretainedValue().hasMoved }

    /// Of the database itself. SQLite rolls back and then releases anything above a shared lock.
    private static func lock(_ file: UnsafeMutablePointer<sqlite3_file>!, _ level: CInt) -> CInt {
        let own = of(file)
        let code = own.pointee.original.pointee.xLock(file, level)
        guard code == SQLITE_OK, level > SQLITE_LOCK_NONE, own.pointee.hasMoved else { return code }
        if level == SQLITE_LOCK_SHARED { _ = own.pointee.original.pointee.xUnlock(file, SQLITE_LOCK_NONE) }
        return SQLiteFileGuard.moved
    }

    /// Of the write-ahead log, for readers, writers and checkpoints.
    private static func lockIndex(_ file: UnsafeMutablePointer<sqlite3_file>!, _ offset: CInt, _ count: CInt, _ flags: CInt) -> CInt {
        let own = of(file)
        let code = own.pointee.original.pointee.xShmLock(file, offset, count, flags)
        guard code == SQLITE_OK, flags & SQLITE_SHM_LOCK != 0, own.pointee.hasMoved else { return code }
        _ = own.pointee.original.pointee.xShmLock(file, offset, count, flags & ~SQLITE_SHM_LOCK | SQLITE_SHM_UNLOCK)
        return SQLiteFileGuard.moved
    }

    private static func close(_ file: UnsafeMutablePointer<sqlite3_file>!) -> CInt {
        let own = of(file)
        file.pointee.pMethods = own.pointee.original
        let code = own.pointee.original.pointee.xClose(file)
        own.deallocate()
        return code
    }
}
