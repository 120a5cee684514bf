import Foundation
import TestSupport
import Testing
@testable import Verdicts

/// What rows tell: every failure and every remark, in every language.
@Suite struct SentenceTests {
    /// Otherwise a case could go without a sentence that anybody has seen.
    @Test func everyFailureHasAnExample() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let source = try String(contentsOf: root.appending(path: "Sources/Verdicts/Failure.swift"), encoding: .utf8)
        let body = source.components(separatedBy: "extension Failure")[0]
        let cases = body.matches(of: /\n    case (\w+)/).map { String($0.1) }
        let examples = Failure.examples.map { String("\($0)".prefix { $0.isLetter || $0.isNumber }) }
        #expect(Set(cases) == Set(examples) && cases.count == examples.count)
    }

    @Test(arguments: Verdict.Code.allCases) func everyCodeIsThatOfAFailure(code: Verdict.Code) {
        #expect(Failure.example(code).code == code)
    }

    @Test(arguments: Failure.examples, Language.allCases) func aFailureIsASentence(_ failure: Failure, language: Language) {
        let sentence = Verdict(failure).sentence(in: language)
        #expect(sentence.unicodeScalars.count <= 255 && sentence.hasSuffix(language == .english ? "." : "。"), "\(sentence)")
    }

    @Test(arguments: Language.allCases) func noTwoFailuresReadTheSame(language: Language) {
        #expect(Set(Failure.examples.map { $0.sentence(in: language) }).count == Failure.examples.count)
    }

    @Test(arguments: Remark.examples, Language.allCases) func aRemarkIsASentence(_ remark: Remark, language: Language) {
        let sentence = remark.sentence(in: language)
        #expect(!sentence.isEmpty && sentence.count <= 255)
        if case .earlier = remark { return }
        #expect(sentence.hasSuffix(language == .english ? "." : "。"), "\(sentence)")
    }

    /// In every language each value is where it belongs.
    @Test(arguments: Language.allCases) func sentencesHaveTheirValuesInOrder(language: Language) {
        func order(_ failure: Failure, _ values: [String]) -> Bool {
            var rest = Verdict(failure).sentence(in: language)[...]
            return values.allSatisfy { value in
                guard let range = rest.range(of: value) else { return false }
                rest = rest[range.upperBound...]
                return true
            }
        }
        #expect(order(.noRoom(need: 1_000_000, free: 2_000_000, reserve: 3_000_000, promised: 4_000_000), ["1.0 MB", "2.0 MB", "3.0 MB", "4.0 MB"]))
        #expect(order(.tooManyPixels(width: 11, height: 22, side: 33, megapixels: 44), ["11 × 22", "33", "44"]))
        for failure: Failure in [
            .unsupportedFormat("7"), .unreadableTrack(.sound, codec: "7"), .undecodableTracks(codecs: "7"), .mostlyUndecodable(percent: 7),
            .unsupportedCodec("7"), .unsupportedColours(matrix: 7), .unstrippableContainer("7"), .tooLong(minutes: 7), .tooLarge(bytes: 7),
            .tooManyFrames(7), .tooManyTracks(allowed: 7), .tooMuchTime(minutes: 7), .crash(signal: "7"), .standstill(seconds: 7),
            .foldersMissing(paths: "7"), .ffmpegTooOld("7"), .ffmpegLacks("7"), .interrupted(times: 7),
        ] { #expect(order(failure, ["7"]), "\(failure)") }
        let cut = Remark.cutShort(converted: 2_000_000, promised: 5_000_000).sentence(in: language)
        #expect(cut.contains("2.0") && cut.contains("5.0"))
        let (video, audio) = (Remark.unsupported(.picture, codec: "c"), Remark.unsupported(.sound, codec: "c"))
        #expect(video.sentence(in: language) != audio.sentence(in: language) && video.sentence(in: language).contains("c"))
    }

    /// A child may report anything.
    @Test(arguments: Language.allCases) func numbersAndNamesOfAnySizeMakeASentence(language: Language) {
        let long = String(repeating: "x", count: 60_000)
        for number in [Int.min, -1, 0, 49_999, 50_000, Int.max] {
            #expect(Remark.cutShort(converted: number, promised: number).sentence(in: language).count <= 255)
            for failure: Failure in [
                .tooManyPixels(width: number, height: number, side: number, megapixels: number), .tooLarge(bytes: number),
                .noRoom(need: Int64(number), free: Int64(number), reserve: Int64(number), promised: Int64(number)),
            ] {
                #expect(Verdict(failure).sentence(in: language).unicodeScalars.count <= 255)
            }
        }
        for remark in [Remark.unsupported(.sound, codec: long), .leftOutFrom(.sound, codec: long, time: 0), .earlier(long)] {
            #expect([remark].text(in: language)?.count ?? 0 <= 255)
        }
        for failure: Failure in [.ffmpegLacks(long), .foldersMissing(paths: long), .unsupportedCodec(long), .unsupportedFormat(long)] {
            #expect(Verdict(failure).sentence(in: language).unicodeScalars.count <= 255)
        }
    }

    @Test func aRemarksTimeIsInTenths() {
        let sentence = Remark.cutShort(converted: 2_350_000, promised: 5_240_000).sentence(in: .english)
        #expect(sentence.contains("2.4 of 5.2 seconds"))
    }

    /// Chinese has no space between sentences.
    @Test(arguments: [(Language.english, ". "), (.simplifiedChinese, "。缺"), (.traditionalChinese, "。缺")])
    func sentencesAreJoinedAsTheLanguageDoes(language: Language, seam: String) {
        let two: [Remark] = [.unsupported(.sound, codec: "a"), .undecodable(.picture, codec: "b")]
        #expect(two.text(in: language)?.contains(seam) == true)
    }

    @Test func severalMakeOneTextOfWholeSentences() {
        #expect([Remark]().text(in: .english) == nil)
        let two: [Remark] = [.unsupported(.sound, codec: "xHE-AAC"), .cutShort(converted: 1_000_000, promised: 6_000_000)]
        let text = two.text(in: .english) ?? ""
        #expect(text.contains("xHE-AAC") && text.contains("1.0 of 6.0") && text.count <= 255)
        // What is said twice is said once; what has no room is left out as a whole, and what comes after it may have room.
        #expect((two + two).text(in: .english) == text)
        let many = (0..<9).map { Remark.unsupported(.sound, codec: "codec \($0)") }
        let cut = many.text(in: .english) ?? ""
        #expect(cut.count <= 255 && cut.hasSuffix(".") && cut.contains("codec 0"))
    }
}
