import Glibc
import Objects
import Testing

/// From a work file to a published one.
@Suite struct PublicationTests {
    let folder = DiskFolder()

    init() {
        folder.makeFolder("videos/posts")
        folder.write("film", to: "videos/posts/source.mov", mode: 0o640)
    }

    @Test func aWorkFileIsHiddenRandomAndPrivate() throws {
        let disk = try folder.disk()
        let work = try disk.work(beside: "videos/posts/source.mov")
        let second = try disk.work(beside: "videos/posts/source.mov")
        #expect(work.path.hasPrefix("videos/posts/.") && work.path.hasSuffix(".part"))
        #expect(work.path != second.path)
        let status = try #require(folder.status(work.path))
        #expect(status.st_mode == S_IFREG | 0o600)
        #expect(fcntl(work.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func aWorkFileThatWasNotPublishedIsRemoved() throws {
        let disk = try folder.disk()
        do {
            let work = try disk.work(beside: "videos/posts/source.mov")
            #expect(folder.names("\(folder.root)/videos/posts").count == 2)
            _ = work
        }
        #expect(folder.names("\(folder.root)/videos/posts") == ["source.mov"])
    }

    @Test func publicationGivesNameModeAndOwnerOfTheSource() throws {
        let disk = try folder.disk()
        if getuid() == 0 { chown("\(folder.root)/videos/posts/source.mov", 12345, 23456) }
        let source = try disk.openSource("videos/posts/source.mov")
        let work = try disk.work(beside: source.path)
        work.write("transcoded")
        let name = try ObjectPath(source.path).renamed(extension: "mp4")
        let publication = try disk.publish(work, as: name.text, like: source)

        #expect(folder.read(name.text) == "transcoded")
        #expect(folder.status(work.path) == nil, "the hidden name is gone")
        let status = try #require(folder.status(name.text))
        #expect(status.st_mode == S_IFREG | 0o640)
        #expect(publication.hasOwner)
        if getuid() == 0 {
            #expect(status.st_uid == 12345)
            #expect(status.st_gid == 23456)
        }
        work.discard()
        #expect(folder.read(name.text) == "transcoded", "what is published is not ours to discard")
    }

    @Test func theNewNameFollowsFresnsRule() throws {
        let path = try ObjectPath("videos/posts/202405/01/source.mov")
        let name = path.renamed(extension: "mp4")
        #expect(name.folder == "videos/posts/202405/01")
        #expect(name.name.count == 44 && name.name.hasSuffix(".mp4"))
        #expect(name.name.dropLast(4).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        #expect(name != path.renamed(extension: "mp4"))
        #expect(try ObjectPath("top.mov").renamed(extension: "m4a").folder == "")
    }

    @Test func nothingIsEverReplaced() throws {
        let disk = try folder.disk()
        let source = try disk.openSource("videos/posts/source.mov")
        folder.write("somebody's", to: "videos/posts/taken.mp4")
        let work = try disk.work(beside: source.path)
        work.write("ours")
        #expect(throws: ObjectError.exists("videos/posts/taken.mp4")) {
            try disk.publish(work, as: "videos/posts/taken.mp4", like: source)
        }
        #expect(folder.read("videos/posts/taken.mp4") == "somebody's")
        #expect(folder.read(work.path) == "ours", "the work is still there to publish under another name")
    }

    @Test func scratchOnTheSameFileSystemIsRenamed() throws {
        folder.makeFolder("scratch")
        let disk = try folder.disk(scratch: "\(folder.root)/scratch")
        let source = try disk.openSource("videos/posts/source.mov")
        let work = try disk.work(beside: source.path)
        #expect(folder.names("\(folder.root)/videos/posts") == ["source.mov"])
        work.write("ours")
        try disk.publish(work, as: "videos/posts/new.mp4", like: source)
        #expect(folder.read("videos/posts/new.mp4") == "ours")
        #expect(folder.names("\(folder.root)/scratch").isEmpty)
    }

    @Test func scratchOnAnotherFileSystemIsCopied() throws {
        var here = stat()
        var there = stat()
        // /dev/shm is a tmpfs on every Linux that has it; where /tmp is one with it, there is nothing to test.
        guard stat(folder.root, &here) == 0, stat("/dev/shm", &there) == 0, here.st_dev != there.st_dev else { return }
        var template = Array("/dev/shm/transcoder-scratch-XXXXXX".utf8CString)
        let scratch = String(cString: mkdtemp(&template))
        defer { rmdir(scratch) }
        let disk = try folder.disk(scratch: scratch)
        let source = try disk.openSource("videos/posts/source.mov")
        let work = try disk.work(beside: source.path)
        work.write(String(repeating: "ours ", count: 1000))
        try disk.publish(work, as: "videos/posts/new.mp4", like: source)
        #expect(folder.read("videos/posts/new.mp4") == String(repeating: "ours ", count: 1000))
        #expect(folder.status("videos/posts/new.mp4")?.st_mode == S_IFREG | 0o640)
        #expect(folder.names("\(folder.root)/videos/posts") == ["new.mp4", "source.mov"])
        #expect(folder.names(scratch).isEmpty)
    }

    @Test func removalSaysWhetherThereWasAnything() throws {
        let disk = try folder.disk()
        #expect(try disk.remove("videos/posts/source.mov"))
        #expect(try !disk.remove("videos/posts/source.mov"))
        #expect(try !disk.remove("videos/nowhere/source.mov"))
    }

    /// A disk that is not mounted has lost nothing, and nothing of it is to be forgotten.
    @Test func whatIsAwayIsNotGone() throws {
        let disk = try folder.disk()
        mkdir("\(folder.root)/empty", 0o755)
        for path in ["nowhere/source.mov", "empty/posts/source.mov", "empty/source.mov"] {
            #expect { try disk.remove(path) } throws: { if case ObjectError.unavailable = $0 { true } else { false } }
            #expect { try disk.openSource(path) } throws: { if case ObjectError.unavailable = $0 { true } else { false } }
        }
    }

    @Test func removalOfALinkLeavesItsTarget() throws {
        symlink("source.mov", "\(folder.root)/videos/posts/link.mov")
        #expect(try folder.disk().remove("videos/posts/link.mov"))
        #expect(folder.read("videos/posts/source.mov") == "film")
    }
}
