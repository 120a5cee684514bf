import Glibc
import Objects
import Testing

/// The output of `convert`: a name that a person chose.
@Suite struct NamedOutputTests {
    let folder = DiskFolder()

    @Test func exactlyTheNameThatWasGiven() throws {
        let output = try NamedOutput(path: "\(folder.root)/clip.webm", replacing: false)
        output.work.write("film")
        #expect(folder.read("clip.webm") == nil, "nothing is there before it is whole")
        try output.publish(replacing: false)
        #expect(folder.read("clip.webm") == "film")
        #expect(folder.names() == ["clip.webm"])
        let mask = umask(0o022)
        umask(mask)
        #expect(folder.status("clip.webm")?.st_mode == S_IFREG | (0o666 & ~mask))
    }

    @Test func aTakenNameIsKeptUnlessForced() throws {
        folder.write("old", to: "clip.mp4")
        #expect(throws: ObjectError.exists("\(folder.root)/clip.mp4")) {
            try NamedOutput(path: "\(folder.root)/clip.mp4", replacing: false)
        }
        let output = try NamedOutput(path: "\(folder.root)/clip.mp4", replacing: true)
        output.work.write("new")
        #expect(folder.read("clip.mp4") == "old")
        try output.publish(replacing: true)
        #expect(folder.read("clip.mp4") == "new")
    }

    @Test func aNameTakenMeanwhileIsNotReplaced() throws {
        let output = try NamedOutput(path: "\(folder.root)/clip.mp4", replacing: false)
        folder.write("meanwhile", to: "clip.mp4")
        #expect(throws: ObjectError.self) { try output.publish(replacing: false) }
        #expect(folder.read("clip.mp4") == "meanwhile")
    }

    @Test func whatIsNotPublishedLeavesNothing() throws {
        do { _ = try NamedOutput(path: "\(folder.root)/clip.mp4", replacing: false) }
        #expect(folder.names().isEmpty)
    }

    @Test func aSourceThatIsRightIsCopied() throws {
        folder.write("right as it is", to: "source.mp4")
        let source = try SourceObject.open(plainFile: "\(folder.root)/source.mp4")
        let output = try NamedOutput(path: "\(folder.root)/copy.mp4", replacing: false)
        try output.fill(from: source)
        try output.publish(replacing: false)
        #expect(folder.read("copy.mp4") == "right as it is")
    }

    @Test func aFolderOrADeviceIsNoOutput() {
        #expect(throws: ObjectError.self) { try NamedOutput(path: "/dev/null", replacing: true) }
        #expect(throws: ObjectError.self) { try NamedOutput(path: folder.root, replacing: true) }
        #expect(throws: ObjectError.noFolder("/nowhere")) { try NamedOutput(path: "/nowhere/a.mp4", replacing: false) }
    }
}
