import Glibc
import Jobs
import MediaWire
import Objects
import TestSupport
import Testing
import Verdicts
@testable import MediaProcess

/// What a child says of its files, against the files.
@Suite struct OutcomeCheckTests {
    private static let jpeg: [UInt8] = [
        0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xC0, 0, 11, 8, 0, 90, 0, 160, 1, 1, 0x11, 0,
    ]
    private let place = TemporaryFolder()
    var folder: String { place.path }

    private static func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let size = UInt32(content.count + 8)
        return (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * (3 - $0))) } + Array(type.utf8) + content
    }

    /// One second, in milliseconds.
    private static let header = box(
        "mvhd", [UInt8](repeating: 0, count: 12) + [0, 0, 3, 232, 0, 0, 3, 232] + [UInt8](repeating: 0, count: 80))
    private static func track(_ handler: String) -> [UInt8] {
        box("trak", box("mdia", box("hdlr", [UInt8](repeating: 0, count: 8) + Array(handler.utf8))))
    }

    private static let kind = box("ftyp", Array("isom".utf8))
    private static let index = box("moov", header + track("vide") + track("soun"))
    private static let film = box("mdat", [1, 2, 3, 4])
    private static let movie = kind + index + film

    private static func movie(of handlers: String...) -> [UInt8] {
        kind + box("moov", header + handlers.flatMap(track)) + film
    }

    private func check(
        output: [UInt8] = movie, poster: [UInt8] = jpeg, subject: MediaSubject = .video,
        sourceEnding: String? = "mp4", _ change: (inout MediaOutcome) -> Void = { _ in }
    ) throws {
        var outcome = MediaOutcome()
        outcome.width = 160
        outcome.height = 90
        outcome.posterWidth = 160
        outcome.posterHeight = 90
        outcome.duration = 1_000_000
        change(&outcome)
        let disk = try LocalDisk(root: folder)
        let files = try [output, poster].map { bytes in
            let file = try disk.makeWork(named: try disk.workName(beside: "a.mov"), for: "a.mov")
            #expect(write(file.descriptor, bytes, bytes.count) == bytes.count)
            return file
        }
        let limits = MediaLimits()
        try OutcomeCheck(outcome: outcome, subject: subject, limits: limits, sourceEnding: sourceEnding).check(output: files[0], poster: files[1])
    }

    @Test func theTruthPasses() throws {
        try check()
        try check(output: Self.movie(of: "soun"), poster: [], subject: .audio) {
            ($0.mime, $0.fileExtension, $0.width, $0.height) = ("audio/mp4", "m4a", nil, nil)
            ($0.posterWidth, $0.posterHeight) = (nil, nil)
        }
        try check(output: []) { $0.isRewritten = false }
    }

    @Test(arguments: 0..<28)
    func aLieDoesNot(number: Int) throws {
        let lies: [() throws -> Void] = [
            { try check(output: Array("<?php".utf8)) },
            { try check(output: Self.kind + Self.film + Self.index) },
            { try check(output: Self.movie + Array("<?php".utf8)) },
            { try check(output: Array(Self.movie.dropLast())) },
            { try check(output: Self.kind + Self.index + Self.box("uuid", [1]) + Self.film) },
            { try check(output: Self.kind + Self.box("moov", []) + Self.film) },
            { try check { $0.duration = 2_000_000 } },
            { try check { $0.duration = .min } },
            { try check(output: []) { ($0.isRewritten, $0.fileExtension, $0.mime) = (false, "php", "text/html") } },
            { try check { $0.duration = .max } },
            { try check(output: []) },
            { try check { $0.isRewritten = false } },
            { try check { $0.mime = "text/html" } },
            { try check { $0.fileExtension = "php" } },
            { try check(output: []) { ($0.isRewritten, $0.fileExtension) = (false, "../x") } },
            { try check { $0.duration = 0 } },
            { try check { $0.height = nil } },
            { try check { $0.width = 9000 } },
            { try check { ($0.posterWidth, $0.posterHeight) = (nil, nil) } },
            { try check { $0.posterWidth = 161 } },
            { try check(poster: Array("<html>".utf8)) },
            { try check(poster: Self.jpeg + [UInt8](repeating: 0, count: 160 * 90 * 3 + 65_536)) },
            { try check(output: Self.movie()) },
            { try check(output: Self.movie(of: "soun")) },
            { try check(output: Self.movie(of: "vide", "hint")) },
            { try check(output: Self.movie(of: "vide", "vide")) },
            { try check(output: Self.movie(of: "vide", "soun", "soun")) },
            { try check { ($0.mime, $0.fileExtension) = ("audio/mp4", "m4a") } },
        ]
        let error = #expect(throws: Verdict.self) { try lies[number]() }
        #expect(error?.code == .protocolError)
    }

    @Test func cutJPEGsAreNone() {
        for count in 0..<Self.jpeg.count - 4 { #expect(PosterCheck.jpegSize(Self.jpeg[..<count]) == nil) }
        #expect(PosterCheck.jpegSize(Self.jpeg[...])?.width == 160)
        #expect(PosterCheck.jpegSize([0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0xFF, 0xC0, 0, 0, 0, 0, 0]) == nil)
    }

    /// A source that stays as it is goes on under its own name: it must be one of what it is said to be.
    @Test func whatIsKeptIsWhatItIsNamed() throws {
        for (ending, isTrue) in [("mp4", true), ("m4a", false), ("mov", false), (nil, false)] as [(String?, Bool)] {
            func check() throws {
                try self.check(output: [], sourceEnding: ending) { $0.isRewritten = false }
            }
            if isTrue { try check() } else { #expect(throws: Verdict.self, "\(ending ?? "none")") { try check() } }
        }
    }
}
