import Foundation
import SiteFixture
import Testing

@testable import Site

@Suite struct SiteClockTests {
    @Test(arguments: [
        ("UTC", "2026-01-31T23:59:59Z", "2026-01-31 23:59:59"),
        ("Asia/Singapore", "2026-01-31T23:59:59Z", "2026-02-01 07:59:59"),
        ("America/New_York", "2026-01-01T04:59:59Z", "2025-12-31 23:59:59"),
        ("America/New_York", "2026-07-01T04:59:59Z", "2026-07-01 00:59:59"),
        ("Asia/Kathmandu", "2024-02-28T18:15:00Z", "2024-02-29 00:00:00"),
        ("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25 02:30:00"),
        ("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25 02:30:00"),
    ])
    func momentsAreWrittenInTheApplicationsZone(zone: String, moment: String, text: String) throws {
        let clock = try SiteClock(timeZone: zone)
        #expect(clock.text(try Date(moment, strategy: .iso8601)) == text)
        #expect(clock.text(try Date(moment, strategy: .iso8601).addingTimeInterval(0.999)) == text)
    }

    @Test func anUnknownZoneIsAnError() {
        #expect(throws: SiteError.unknownTimeZone("Mars/Olympus")) { try SiteClock(timeZone: "Mars/Olympus") }
    }

    @Test func everyWriteIsInTheApplicationsZone() async throws {
        let moment = try Date("2026-12-31T18:00:00Z", strategy: .iso8601)
        let test = try await TestSite(.init(timeZone: "Asia/Tokyo"), now: { moment })
        #expect(test.site.now() == "2027-01-01 03:00:00")
        let file = try await test.post()
        _ = try await test.claim(file)
        #expect(try await test.fixture.file(file.id).updatedAt == "2027-01-01 03:00:00")
    }
}
