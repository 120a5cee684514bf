import Foundation
import Glibc
import SQL
import SiteFixture
import Testing

/// What `transcoder doctor` says of rights, owners, modes and room on the disk. Each mistake is made on purpose.
@Suite(.serialized, .enabled(if: geteuid() == 0, "only root may give files away"))
struct DoctorStorageTests {
    /// `daemon` and `bin`, which every Debian has.
    private let daemon: uid_t = 1
    private let bin: uid_t = 2

    @Test func storageThatMayNotBeWritten() async throws {
        try await Workplace.use { place in
            let storage = place.site.storagePath
            try await place.doctor("✗ storage: This user (65534) cannot write to \(storage)", "as the owner", ends: 1, as: .nobody)
            chmod(storage, 0o777)
            let audios = try place.folder(storage + "/audios")
            try await place.doctor("✗ storage: This user (65534) cannot write to \(audios)", ends: 1, as: .nobody)
        }
    }

    /// Where results will go, and with the eyes of the user who will write them.
    @Test func foldersOfUploads() async throws {
        try await Workplace.use { place in
            let storage = place.site.storagePath
            try await place.untilIdle()
            let (waiting, done) = (try await place.publish("clip.flv").file, try await place.publish("hello.wav").file)
            let folders = [waiting, done].map { URL(filePath: storage + "/" + $0.path).deletingLastPathComponent().path(percentEncoded: false).dropSlash }
            _ = try await place.site.database.write { session in
                try session.execute("update \(place.site.table("files")) set transcoding_state = 3 where id = \(done.id)")
            }
            try await place.doctor("✓ uploads: A file could be written and removed in 2 folders of waiting files and of this month.", ends: 0)
            #expect(place.site.hiddenFiles() == [])

            let owned = try await Program.run("chown", ["-R", "65534:65534", place.folder])
            #expect(owned.status == 0)
            for folder in folders {
                #expect(chown(folder, 0, 0) == 0)
                try await place.doctor("✗ uploads: This user (65534) cannot write to \(folder), where results go: ", "chown", ends: 1, as: .nobody)
                #expect(chown(folder, 65534, 65534) == 0)
            }
            let path = storage + "/" + waiting.path
            chown(path, 0, 0)
            chmod(path, 0o600)
            try await place.doctor("✗ uploads: This user (65534) cannot read \(path), which waits.", ends: 1, as: .nobody)

            // Root, for a daemon of nobody's.
            let lowered = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", Built.transcoder, "daemon", "--config", place.config]
            #expect(chown(folders[1], 0, 0) == 0)
            let daemon = try Program(lowered[0], Array(lowered.dropFirst()))
            try await until("it runs") { try await place.run("status", "--json").output.contains("\"state\" : \"running\"") }
            try await place.doctor("✗ uploads: The service's user, nobody, cannot write to \(folders[1]), where results go: ", ends: 1)
            daemon.signal(SIGTERM)
            _ = await daemon.result()
        }
    }

    @Test func storageOfSomebodyElse() async throws {
        try await Workplace.use { place in
            let storage = place.site.storagePath
            #expect(chown(storage, daemon, daemon) == 0)
            chmod(storage, 0o777)
            try await place.doctor(
                "! owner: \(storage) belongs to daemon, but results will belong to nobody", "as daemon", as: .nobody)
            try await place.doctor("✓ owner: \(storage) belongs to daemon: running as root, the daemon gives each result to", ends: 0)

            // And so it does.
            let file = try await place.publish("old-phone.3gp").file
            #expect(chown(storage + "/" + file.path, bin, bin) == 0)
            try await place.untilIdle()
            let row = try await place.site.file(file.id)
            for path in [row.path, try #require(row.posterPath)] {
                var status = stat()
                #expect(stat(storage + "/" + path, &status) == 0 && status.st_uid == bin && status.st_gid == bin)
            }
        }
    }

    @Test func foldersOfDifferentUsers() async throws {
        try await Workplace.use { place in
            let storage = place.site.storagePath
            let folders = try ["videos", "audios"].map { try place.folder("\(storage)/\($0)") }
            #expect(chown(folders[0], daemon, daemon) == 0)
            #expect(chown(folders[1], daemon, daemon) == 0)
            #expect(try await !place.doctor(ends: 0).contains("! owner"))
            #expect(chown(folders[1], bin, bin) == 0)
            try await place.doctor(
                "! owner: In \(storage), videos belongs to daemon, but audios to bin", "“chown -R daemon:daemon \(storage)”", ends: 0)
        }
    }

    @Test(.enabled(if: getpwnam("www-data") != nil)) func storageThatCannotBeServed() async throws {
        try await Workplace.use { place in
            #expect(try await !place.doctor(ends: 0).contains("web server"))
            for folder in [place.site.root, place.site.storagePath, try place.folder(place.site.storagePath + "/videos")] {
                chmod(folder, 0o750)
                try await place.doctor("! web server: The web server's user, www-data", "cannot enter \(folder): ", "“chmod o+x \(folder)”", ends: 0)
                let group = try #require(getgrnam("www-data")).pointee.gr_gid
                #expect(chown(folder, 0, group) == 0)
                #expect(try await !place.doctor(ends: 0).contains("web server"))
            }
        }
    }

    @Test func aScratchFolderForAllOrForNobody() async throws {
        try await Workplace.use { place in
            let scratch = try place.folder("scratch")
            try place.configure("scratch: \(scratch)")
            #expect(try await !place.doctor(ends: 0).contains("scratch"))
            try await place.doctor("✗ scratch: This user (65534) cannot write to \(scratch)", "chown", ends: 1, as: .nobody)
            chmod(scratch, 0o777)
            try await place.doctor("! scratch: Every user of this machine can fill up \(scratch)", "chmod o-w \(scratch)", ends: 0)
            try place.configure("scratch: \(place.folder)/none")
            try await place.doctor("✗ storage", "\(place.folder)/none", ends: 1)
        }
    }

    @Test func aSecretThatEverybodyMayRead() async throws {
        try await Workplace.use(configuration: "http: {listen: \"127.0.0.1:0\", token: 0123456789-word-of-a-secret}") { place in
            chmod(place.config, 0o644)
            try await place.doctor(
                "! configuration: Every user of this machine can read or change \(place.config)", "“chmod 640 \(place.config)”", ends: 0)
            chmod(place.config, 0o640)
            #expect(try await !place.doctor(ends: 0).contains("! configuration"))
            // One that is in the environment alone.
            try place.configure("http: {listen: \"127.0.0.1:0\"}")
            chmod(place.config, 0o644)
            let said = try await place.doctor(ends: 0, environment: ["TRANSCODER_HTTP_TOKEN": "0123456789-word-of-a-secret"])
            #expect(!said.contains("! configuration"), "\(said)")
        }
    }

    @Test func filesThatCannotBeWritten() async throws {
        try await Workplace.use { place in
            try await place.doctor(
                "✗ status file: This user (65534) cannot write to \(place.folder)", "“status_file”", ends: 1, as: .nobody)
            chmod(place.folder, 0o777)
            // What a daemon of root's left: the next one does not start as another user.
            try Data().write(to: URL(filePath: place.statusFile + ".lock"))
            try await place.doctor(
                "✗ status file: \(place.statusFile).lock belongs to another user", "Remove it while no daemon is running", ends: 1, as: .nobody)
            try Data("hello".utf8).write(to: URL(filePath: place.statusFile))
            try await place.doctor("✗ status file: status_file \(place.statusFile) is not a transcoder status file", "Move the file", ends: 1)
            try FileManager.default.removeItem(atPath: place.statusFile)
        }
    }

    @Test func noRoom() async throws {
        try await Workplace.use(configuration: "reserve: 1000TiB") { place in
            try await place.doctor(
                "✗ room: ", "Not enough disk space: ", " free in \(place.site.storagePath), and “reserve” keeps ",
                "lower “reserve”", ends: 1)
            let small = try place.folder("small")
            for (scratch, storage) in [(small, place.site.storagePath), (try place.folder("scratch"), small)] {
                try place.configure("scratch: \(scratch)\nreserve: 32MiB")
                #expect(try await !place.doctor(ends: 0).contains("room"))
                let mounted = storage == small ? place.site.storagePath : scratch
                guard mount("tmpfs", mounted, "tmpfs", 0, "size=16m,mode=755") == 0 else {
                    Issue.record("a small disk cannot be mounted: \(String(cString: strerror(errno)))")
                    return
                }
                defer { umount2(mounted, CInt(MNT_DETACH)) }
                try await place.doctor("✗ room: Not enough disk space: 16.8 MB free in \(mounted), and “reserve” keeps 33.6 MB free", ends: 1)
            }
        }
    }
}
