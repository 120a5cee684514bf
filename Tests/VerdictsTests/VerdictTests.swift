import TestSupport
import Testing
import Verdicts

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
        #expect(Verdict(.example(code)).isTransient)
    }

    @Test(arguments: [
        Verdict.Code.empty, .notMedia, .forbiddenFormat, .encrypted, .noAudioVideo, .truncated, .damaged, .unsupportedCodec,
        .overDuration, .overPixels, .overFrames, .overStreams, .overInputSize, .overOutputSize,
        .sourceNotRegular, .verifyFailed, .cancelled, .lost,
    ])
    func whatStaysWrongIsPermanent(code: Verdict.Code) {
        #expect(!Verdict(.example(code)).isTransient)
    }

    @Test func onlyTheJobsOwnFailuresCount() {
        #expect(Verdict.Code.crashed.countsAsTry)
        #expect(Verdict.Code.diskFull.countsAsTry)
        #expect(Set(Verdict.Code.allCases.filter { !$0.countsAsTry }) == [
            .drained, .databaseGone, .hostFault, .outOfMemory, .sourceMissing, .lost, .noRoom,
        ])
    }

    @Test func sentencesThatFitAreKept() {
        let exact = String(repeating: "ä", count: 255)
        #expect(SentenceLimit.cut(exact) == exact && SentenceLimit.cut("") == "")
    }

    @Test(arguments: ["a", "ä", "界", "🎬"])
    func sentencesAreCutByCharactersAndNotByBytes(character: String) {
        #expect(SentenceLimit.cut(String(repeating: character, count: 300)) == String(repeating: character, count: 254) + "…")
    }

    /// A database counts each scalar of a combined character; half of one would be another character.
    @Test func sentencesAreNeverCutInsideACharacter() {
        let family = "👨‍👩‍👧"  // Five scalars, one character.
        let sentence = SentenceLimit.cut(String(repeating: family, count: 100))
        #expect(sentence.unicodeScalars.count <= SentenceLimit.characters)
        #expect(sentence == String(repeating: family, count: 50) + "…")
    }
}
