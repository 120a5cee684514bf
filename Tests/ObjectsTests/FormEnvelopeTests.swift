import Foundation
import Objects
import Testing

/// A form around an upload, and what only looks like one.
@Suite struct FormEnvelopeTests {
    private static let film = "\u{0}\u{1}ftyp\r\n--b\r\n\r\nmoov"

    /// The form, and whether it holds the film.
    static let cases: [(String, Bool)] = [
        ("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\nContent-Type: video/mp4\r\n\r\n\(film)\r\n--b--\r\n", true),
        ("--b\r\nContent-Type: video/mp4\r\ncontent-disposition: form-data; name=f; filename=a\r\n\r\n\(film)\r\n--b--", true),
        // Broken off: nobody knows what is missing.
        ("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\n\(film)\r\n--b", false),
        ("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\n\(film)", false),
        // A field that is no file.
        ("--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n\(film)\r\n--b--\r\n", false),
        ("--b\r\nContent-Type: video/mp4\r\n\r\n\(film)\r\n--b--\r\n", false),
        ("--\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\n\(film)\r\n----\r\n", false),
        ("-- a text\r\n\r\n", false), ("--", false), ("", false), (film, false),
    ]

    @Test(arguments: cases) func whatIsInIt(form: String, holdsFilm: Bool) throws {
        let path = NSTemporaryDirectory() + UUID().uuidString
        let bytes = Data(form.utf8)
        try bytes.write(to: URL(filePath: path))
        defer { unlink(path) }
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        let range = FormEnvelope.content(of: descriptor, size: Int64(bytes.count))
        #expect(range.map { bytes[Int($0.lowerBound)..<Int($0.upperBound)] } == (holdsFilm ? Data(Self.film.utf8) : nil))
    }
}
