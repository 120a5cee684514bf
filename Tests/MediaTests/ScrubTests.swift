import Foundation
import MediaWire
import Testing

/// What Fresns' download link serves tells no more than the film.
@Suite struct ScrubTests {
    @Test(arguments: ["mp4", "mov", "mkv", "mp3", "flac", "avi", "3gp"])
    func theOriginalLosesWhatItTellsAndKeepsWhatItShows(_ ending: String) throws {
        let run = try MediaRun()
        let source = run.folder.appending(path: "source.\(ending)")
        try ffmpeg(source, ending)
        try run(source, task: .scrub)
        #expect(run.failure == nil)
        let bytes = try Data(contentsOf: run.output)
        for secret in ["Jane Doe", "+48.8577", "Secret comment"] {
            #expect(try Data(contentsOf: source).range(of: Data(secret.utf8)) != nil)
            #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(ending) still holds \(secret)")
        }
        #expect(try packets(of: run.output) == packets(of: source))
    }

    private func ffmpeg(_ output: URL, _ ending: String) throws {
        let sound = ["-f", "lavfi", "-i", "sine=d=1"]
        let isSound = ["mp3", "flac"].contains(ending)
        let picture = isSound ? [] : ["-f", "lavfi", "-i", "testsrc2=s=128x96:r=10:d=1"]
        let codecs = ending == "avi" ? ["-c:v", "mpeg4", "-c:a", "mp2"] : isSound ? [] : ["-c:v", "libx264", "-c:a", "aac"]
        let metadata = ["-metadata", "title=+48.8577", "-metadata", "artist=Jane Doe", "-metadata", "comment=Secret comment"]
        let extra = ["mp4", "mov", "3gp"].contains(ending) ? ["-movflags", "use_metadata_tags"] : []
        try Program.run("ffmpeg", ["-v", "error", "-y"] + picture + sound + codecs + metadata + extra + [output.path])
    }

    /// The hashes of all packets, which a scrub leaves alone.
    private func packets(of file: URL) throws -> [String] {
        let result = try Program.run(
            "ffprobe",
            [
                "-v", "error", "-show_packets", "-show_data_hash", "md5", "-show_entries",
                "packet=stream_index,data_hash", "-of", "csv=p=0", file.path,
            ])
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init).sorted()
    }
}
