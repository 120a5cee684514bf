import Glibc
import Objects
import Testing

/// What may be read as an upload, and what must not be.
@Suite struct SourceObjectTests {
    let folder = DiskFolder()

    @Test func aRegularFileIsRead() throws {
        folder.makeFolder("videos/posts")
        folder.write("film", to: "videos/posts/a.mp4")
        let source = try folder.disk().openSource("videos/posts/a.mp4")
        #expect(source.size == 4)
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(pread(source.descriptor, &bytes, 8, 0) == 4)
        #expect(fcntl(source.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test(arguments: ["", "/etc/passwd", "../a", "videos/../../a", "videos/..", "./a", "a//b", "a/"])
    func aPathThatDoesNotStayBeneathTheRootIsRefused(path: String) throws {
        let disk = try folder.disk()
        #expect(throws: ObjectError.badPath(path)) { try disk.openSource(path) }
        #expect(throws: ObjectError.badPath(path)) { try disk.workName(beside: path) }
        #expect(throws: ObjectError.badPath(path)) { try disk.makeWork(named: path, for: path) }
        #expect(throws: ObjectError.badPath(path)) { try disk.remove(path) }
    }

    @Test func aPathWithAnEndInItsMiddleIsRefused() throws {
        let disk = try folder.disk()
        #expect(throws: ObjectError.self) { try disk.openSource("a\0b") }
    }

    @Test func noSymbolicLinkIsFollowed() throws {
        folder.makeFolder("real")
        folder.write("film", to: "real/a.mp4")
        symlink("a.mp4", "\(folder.root)/real/link.mp4")
        symlink("real", "\(folder.root)/folderlink")
        symlink("/etc/passwd", "\(folder.root)/outside.mp4")
        let disk = try folder.disk()
        for path in ["real/link.mp4", "folderlink/a.mp4", "outside.mp4"] {
            let error = #expect(throws: ObjectError.self) { try disk.openSource(path) }
            guard case .notRegular = error else { Issue.record("\(path): \(error as Any)"); continue }
        }
        #expect(throws: ObjectError.self) { try disk.makeWork(named: "folderlink/.a.part", for: "folderlink/a.mp4") }
    }

    @Test func aPipeAndAFolderAreRefusedWithoutWaiting() throws {
        mkfifo("\(folder.root)/pipe.mp4", 0o644)
        folder.makeFolder("folder.mp4")
        let disk = try folder.disk()
        #expect(throws: ObjectError.notRegular("pipe.mp4", kind: "a pipe")) { try disk.openSource("pipe.mp4") }
        #expect(throws: ObjectError.notRegular("folder.mp4", kind: "a folder")) { try disk.openSource("folder.mp4") }
    }

    @Test func aMissingFileIsMissing() throws {
        folder.write("x", to: "file")
        let disk = try folder.disk()
        #expect(throws: ObjectError.missing("gone.mp4")) { try disk.openSource("gone.mp4") }
        folder.makeFolder("videos/2025")
        folder.write("film", to: "videos/2025/there.mp4")
        #expect(throws: ObjectError.missing("videos/2025/gone.mp4")) { try disk.openSource("videos/2025/gone.mp4") }
        #expect(throws: ObjectError.missing("file/gone.mp4")) { try disk.openSource("file/gone.mp4") }
    }

    /// An unmounted disk leaves an empty folder behind, in which nothing is missing for good.
    @Test func aDiskThatIsAwayIsNotAMissingFile() throws {
        let disk = try folder.disk()
        func expectAway(_ place: String) {
            let error = #expect(throws: ObjectError.self) { try disk.openSource("videos/posts/202601/gone.mp4") }
            guard case .unavailable("\(folder.root)/\(place)", _)? = error else { Issue.record("\(String(describing: error))"); return }
        }
        expectAway("videos")
        folder.makeFolder("videos")
        expectAway("videos")
        folder.write("film", to: "videos/another.mp4")
        expectAway("videos/posts")
        folder.makeFolder("videos/posts/202512")
        expectAway("videos/posts/202601")
        folder.makeFolder("videos/posts/202601")
        expectAway("videos/posts/202601")
        folder.write("film", to: "videos/posts/202601/another.mp4")
        let gone = "videos/posts/202601/gone.mp4"
        #expect(throws: ObjectError.missing(gone)) { try disk.openSource(gone) }
    }

    /// Nor is a folder in which something was to be made a moment ago.
    @Test func aFolderThatGoesMeanwhileIsAway() throws {
        folder.makeFolder("videos/posts")
        folder.write("film", to: "videos/posts/a.mp4")
        let disk = try folder.disk()
        let source = try disk.openSource("videos/posts/a.mp4")
        let work = try disk.work(beside: "videos/posts/a.mp4")
        rename("\(folder.root)/videos/posts", "\(folder.root)/videos/away")
        let errors = [
            #expect(throws: ObjectError.self) { try disk.work(beside: "videos/posts/a.mp4") },
            #expect(throws: ObjectError.self) { try disk.publish(work, as: "videos/posts/b.mp4", like: source) },
        ]
        for error in errors { if case .unavailable? = error {} else { Issue.record("\(String(describing: error))") } }
    }

    /// What a machine lacks says nothing about a file.
    @Test func faultsOfTheMachineAreKnown() {
        for code in [EMFILE, ENFILE, ENOMEM, EAGAIN, ESTALE, ENOTCONN] {
            #expect(ObjectError.io("a", call: "open", code: code).isOfMachine)
        }
        #expect(!ObjectError.io("a", call: "read", code: EIO).isOfMachine)
        #expect(!ObjectError.missing("a").isOfMachine)
    }

    @Test func refusalsLeaveNoDescriptorOpen() throws {
        folder.makeFolder("folder.mp4")
        mkfifo("\(folder.root)/pipe.mp4", 0o644)
        let disk = try folder.disk()
        let source: (String) -> Void = { _ = try? disk.openSource($0) }
        source("folder.mp4")
        // Other tests of this process open files too: what leaks here would show as hundreds.
        let before = openDescriptors()
        for _ in 0..<300 {
            source("folder.mp4")
            source("pipe.mp4")
            source("gone.mp4")
        }
        #expect(openDescriptors() < before + 100)
    }

    @Test func aChangeOfTheSourceIsSeen() throws {
        folder.write("film", to: "a.mp4")
        let disk = try folder.disk()
        let source = try disk.openSource("a.mp4")
        #expect(try disk.unchanged(source) != nil)

        folder.write("FILM", to: "other.mp4")
        rename("\(folder.root)/other.mp4", "\(folder.root)/a.mp4")
        #expect(try disk.unchanged(source) == nil, "another file of the same size and name")

        unlink("\(folder.root)/a.mp4")
        #expect(throws: ObjectError.missing("a.mp4")) { try disk.unchanged(source) }
    }

    /// Another owner, mode or name is no other film.
    @Test func aChangeOfRightsIsNone() throws {
        folder.write("film", to: "a.mp4")
        let disk = try folder.disk()
        let source = try disk.openSource("a.mp4")
        chmod("\(folder.root)/a.mp4", 0o600)
        #expect(try disk.unchanged(source) != nil)
        if geteuid() == 0 { chown("\(folder.root)/a.mp4", 1, 1) }
        link("\(folder.root)/a.mp4", "\(folder.root)/backup.mp4")
        let now = try #require(try disk.unchanged(source))
        // What is made gets the rights that the source has by now.
        let work = try disk.work(beside: "a.mp4")
        try disk.publish(work, as: "b.mp4", like: now)
        #expect(folder.status("b.mp4").map { $0.st_mode & 0o777 } == 0o600)
        #expect(geteuid() != 0 || folder.status("b.mp4")?.st_uid == 1)
    }

    /// A backup puts back another file of the same size and moment: its bytes tell.
    @Test func inDoubtTheBytesAreCompared() throws {
        folder.write("film", to: "a.mp4")
        let disk = try folder.disk()
        let source = try disk.openSource("a.mp4")
        let status = try #require(folder.status("a.mp4"))
        for (text, isSame) in [("film", true), ("FILM", false)] {
            folder.write(text, to: "other.mp4")
            let times = [status.st_atim, status.st_mtim]
            #expect(utimensat(AT_FDCWD, "\(folder.root)/other.mp4", times, 0) == 0)
            rename("\(folder.root)/other.mp4", "\(folder.root)/a.mp4")
            #expect(try (disk.unchanged(source) != nil) == isSame)
        }
    }

    @Test func growthInPlaceIsSeen() throws {
        folder.write("film", to: "a.mp4")
        let disk = try folder.disk()
        let source = try disk.openSource("a.mp4")
        folder.write("film, longer", to: "a.mp4")
        #expect(try disk.unchanged(source) == nil)
    }

    @Test func aRootThatIsNotThereIsNamed() {
        #expect(throws: ObjectError.unavailable("/nowhere/storage", why: "it does not exist")) { try LocalDisk(root: "/nowhere/storage") }
    }
}
