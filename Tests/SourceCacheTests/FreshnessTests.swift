import HTTPClient
@testable import SourceCache
import Testing

/// RFC 9111 and RFC 5861.
@Suite struct FreshnessTests {
    struct Case: CustomTestStringConvertible {
        var fields: [String]
        /// After the response.
        var fresh: Int64
        var stale: Int64?
        var error: Int64?
        var mayStore = true
        var testDescription: String { fields.joined(separator: "; ") }
    }

    static let cases = [
        Case(fields: [], fresh: 0),
        Case(fields: ["Cache-Control: max-age=60"], fresh: 60),
        Case(fields: ["Cache-Control: public, MAX-AGE=60"], fresh: 60),
        Case(fields: ["Cache-Control: public", "Cache-Control: max-age=60"], fresh: 60),
        // Not to be sent, but to be understood.
        Case(fields: ["Cache-Control: max-age=\"60\""], fresh: 60),
        Case(fields: ["Cache-Control: max-age=sixty"], fresh: 0),
        Case(fields: ["Cache-Control: max-age=-1"], fresh: 0),
        Case(fields: ["Cache-Control: max-age=99999999999999999999"], fresh: 1 << 31),
        Case(fields: ["Cache-Control: max-age=60", "Age: 20"], fresh: 40),
        Case(fields: ["Cache-Control: max-age=60", "Age: 90"], fresh: 0),
        // A shared cache's, and ours is not shared.
        Case(fields: ["Cache-Control: s-maxage=60"], fresh: 0),
        Case(fields: ["Cache-Control: max-age=60, s-maxage=600"], fresh: 60),
        Case(fields: ["Cache-Control: no-cache, max-age=60"], fresh: 0),
        Case(fields: ["Cache-Control: no-store, max-age=60"], fresh: 60, mayStore: false),
        Case(fields: ["Cache-Control: ext=\"a, no-store, b\", max-age=60"], fresh: 60),
        Case(fields: ["Date: Mon, 30 Nov 2026 10:00:00 GMT", "Expires: Mon, 30 Nov 2026 10:05:00 GMT"], fresh: 300),
        Case(fields: ["Date: Mon, 30 Nov 2026 09:59:00 GMT", "Expires: Mon, 30 Nov 2026 10:05:00 GMT"], fresh: 300),
        Case(fields: ["Date: Mon, 30 Nov 2026 10:00:00 GMT", "Expires: 0"], fresh: 0),
        // max-age goes before.
        Case(fields: ["Cache-Control: max-age=60", "Expires: Mon, 30 Nov 2026 11:00:00 GMT"], fresh: 60),
        // A tenth of its age, a day at most.
        Case(fields: ["Date: Mon, 30 Nov 2026 10:00:00 GMT", "Last-Modified: Mon, 30 Nov 2026 09:50:00 GMT"], fresh: 60),
        Case(fields: ["Date: Mon, 30 Nov 2026 10:00:00 GMT", "Last-Modified: Mon, 30 Nov 2020 10:00:00 GMT"], fresh: 86_400),
        Case(fields: ["Cache-Control: max-age=60, stale-while-revalidate=30, stale-if-error=600"], fresh: 60, stale: 90, error: 660),
        Case(fields: ["Cache-Control: max-age=60, stale-if-error=600, must-revalidate"], fresh: 60),
        Case(fields: ["Cache-Control: public, max-age=31536000, immutable"], fresh: 31_536_000),
    ]

    /// Mon, 30 Nov 2026 10:00:00 GMT.
    static let now: Int64 = 1_796_032_800

    @Test(arguments: cases) func untilWhen(_ test: Case) {
        let head = HTTPHead(
            status: 200,
            fields: test.fields.map { line in
                let colon = line.firstIndex(of: ":")!
                return .init(name: line[..<colon].lowercased(), value: String(line[line.index(colon, offsetBy: 2)...]))
            })
        let freshness = Freshness(head, now: Self.now)
        #expect(freshness.fresh - Self.now == test.fresh)
        #expect(freshness.whileRevalidating - Self.now == test.stale ?? test.fresh)
        #expect(freshness.ifError - Self.now == test.error ?? test.fresh)
        #expect(freshness.mayStore == test.mayStore)
    }
}
