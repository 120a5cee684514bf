import Jobs
import Testing

@Suite struct VerdictTests {
    /// Stored in rows and read by scripts: a change of one breaks them.
    @Test func codesAreStable() {
        #expect(
            Verdict.Code.allCases.map(\.rawValue) == [
                "empty", "not-media", "forbidden-format", "encrypted", "no-audio-video", "truncated", "damaged",
                "unsupported-codec", "over-duration", "over-pixels", "over-frames", "over-streams", "over-input-size",
                "over-output-size", "source-not-regular", "verify-failed", "cancelled", "source-missing", "crashed",
                "stalled", "forbidden-call", "time-limit", "memory-limit", "out-of-memory", "disk-full", "no-room", "io", "host-fault",
                "source-changed", "database-gone", "protocol-error", "internal-error", "drained", "lost",
            ])
    }

    @Test(arguments: [
        Verdict.Code.crashed, .stalled, .timeLimit, .memoryLimit, .outOfMemory, .diskFull, .io, .hostFault, .sourceChanged,
        .databaseGone,
        .protocolError, .internalError, .drained, .sourceMissing,
    ])
    func whatMayWorkLaterIsTransient(code: Verdict.Code) {
        #expect(Verdict(code, "").isTransient)
    }

    @Test(arguments: [
        Verdict.Code.empty, .notMedia, .forbiddenFormat, .encrypted, .noAudioVideo, .truncated, .damaged, .unsupportedCodec,
        .overDuration, .overPixels, .overFrames, .overStreams, .overInputSize, .overOutputSize,
        .sourceNotRegular, .verifyFailed, .cancelled, .lost,
    ])
    func whatStaysWrongIsPermanent(code: Verdict.Code) {
        #expect(!Verdict(code, "").isTransient)
    }

    @Test func onlyTheJobsOwnFailuresCount() {
        #expect(Verdict.Code.crashed.countsAsTry)
        #expect(Verdict.Code.diskFull.countsAsTry)
        #expect(Set(Verdict.Code.allCases.filter { !$0.countsAsTry }) == [
            .drained, .databaseGone, .hostFault, .outOfMemory, .sourceMissing, .lost, .noRoom,
        ])
    }

    @Test func reasonsThatFitAreKept() {
        let exact = String(repeating: "ä", count: 255)
        #expect(Verdict(.io, exact).reason == exact)
        #expect(Verdict(.io, "").reason == "")
    }

    @Test(arguments: ["a", "ä", "界", "🎬"])
    func reasonsAreCutByCharactersAndNotByBytes(character: String) {
        let reason = Verdict(.io, String(repeating: character, count: 300)).reason
        #expect(reason == String(repeating: character, count: 254) + "…")
    }

    /// A database counts each scalar of a combined character; half of one would be another character.
    @Test func reasonsAreNeverCutInsideACharacter() {
        let family = "👨‍👩‍👧"  // Five scalars, one character.
        let reason = Verdict(.io, String(repeating: family, count: 100)).reason
        #expect(reason.unicodeScalars.count <= Verdict.reasonLimit)
        #expect(reason == String(repeating: family, count: 50) + "…")
    }
}
