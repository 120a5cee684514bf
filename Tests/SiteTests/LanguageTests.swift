import SQL
import SiteFixture
import TestSupport
import Testing
import Verdicts
@testable import Site

/// Rows tell what happened in the site's language, or in the one that the configuration names.
@Suite struct LanguageTests {
    private static let settings = TestSite.databases.flatMap { database in
        [Edition.v2, .v3].map { FixtureSite.Settings(edition: $0, database: database) }
    }

    private func site(_ tag: String?, _ settings: FixtureSite.Settings) async throws -> TestSite {
        let test = try await TestSite(settings)
        try await test.run("DELETE FROM {configs} WHERE item_key = 'default_language'")
        if let tag {
            try await test.run("INSERT INTO {configs} (item_key, item_value, item_type) VALUES ('default_language', \(tag), 'string')")
        }
        return test
    }

    @Test(arguments: settings, ["en", "zh-Hans", "zh-Hant"])
    func everyReasonAndRemarkIsSeenInARow(settings: FixtureSite.Settings, tag: String) async throws {
        let test = try await site(tag, settings)
        let language = try #require(Language(rawValue: tag))
        #expect(try await test.site.language() == language)
        let file = try await test.post()
        for failure in Failure.examples {
            let claim = try #require(try await test.claim(file, force: true))
            #expect(try await test.site.fail(claim, Verdict(failure), retryAfter: nil))
            let reason = try await test.fixture.file(file.id).reason
            #expect(reason == Verdict(failure).sentence(in: language))
            #expect(try await test.site.job(of: file.id)?.code == failure.code.rawValue)
        }
        for remark in Remark.examples {
            let claim = try #require(try await test.claim(file, force: true))
            var result = FileResult(newPath: nil, posterPath: nil, mime: "video/mp4", extension: "mp4", size: 1, sha256: "0", duration: 1)
            result.remarks = [remark]
            #expect(try await test.site.succeed(claim, result))
            #expect(try await test.fixture.file(file.id).reason == remark.sentence(in: language))
        }
    }

    @Test(arguments: [
        ("zh-CN", Language.simplifiedChinese), ("zh", .simplifiedChinese), ("zh_TW", .traditionalChinese), ("zh-Hant-HK", .traditionalChinese),
        ("zh-Hans-HK", .simplifiedChinese), ("ZH-HANT", .traditionalChinese), ("en-GB", .english), ("de", .english), ("", .english),
    ])
    func aSiteOfAnotherLanguageGetsTheClosest(tag: String, language: Language) async throws {
        let test = try await site(tag, .init())
        #expect(try await test.site.language() == language)
    }

    @Test func theConfigurationOverridesTheSite() async throws {
        let test = try await site("zh-Hans", .init())
        test.site.set(language: .traditionalChinese)
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        #expect(try await test.site.fail(claim, Verdict(.emptyFile), retryAfter: nil))
        #expect(try await test.fixture.file(file.id).reason == "檔案是空的。")
        test.site.set(language: nil)
        #expect(try await test.site.language() == .simplifiedChinese)
    }

    /// A change in the panel counts from the next row on; a site without the setting is told in English.
    @Test func theSitesLanguageIsReadEachTime() async throws {
        let test = try await site(nil, .init())
        #expect(try await test.site.language() == .english)
        try await test.run("INSERT INTO {configs} (item_key, item_value, item_type) VALUES ('default_language', 'zh-Hans', 'string')")
        let file = try await test.post()
        #expect(try await test.site.cancel(file.id) == .obeyed("File \(file.id) is cancelled."))
        #expect(try await test.fixture.file(file.id).reason == "该文件的转码已取消。")
    }
}
