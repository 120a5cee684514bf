import Foundation
import Glibc
import Testing
import TestSupport
@testable import Diagnostics
@testable import WorkerConfiguration

/// What `init` writes, and what it leaves.
@Suite struct ConfigurationSetupTests {
    private let place = TemporaryFolder()
    var folder: String { place.path }
    var path: String { folder + "/transcoder.yaml" }
    let now = Date(timeIntervalSince1970: 1_769_860_800)

    @Test(arguments: [(0, false, false), (100, false, false), (101, false, true), (101, true, false)])
    func sinceIsWrittenWhereManyFilesWait(waiting: Int, wantsBacklog: Bool, expected: Bool) throws {
        let setup = try ConfigurationSetup(path: path, site: "/var/www/my site")
        let text = try #require(setup.text(waiting: waiting, wantsBacklog: wantsBacklog, now: now))
        let configuration = try Configuration.parse(text)
        #expect(configuration.site == "/var/www/my site")
        #expect(configuration.since == (expected ? now : nil))
        #expect(setup.sentence(waiting: waiting, wantsBacklog: wantsBacklog).contains(waiting == 0 ? "No" : "\(waiting)"))
    }

    @Test func whatIsThereIsKept() throws {
        try "# mine\nworkers: 3\n".write(toFile: path, atomically: true, encoding: .utf8)
        let setup = try ConfigurationSetup(path: path, site: "/var/www/fresns")
        let text = try #require(setup.text(waiting: 1000, wantsBacklog: false, now: now))
        #expect(text == "# mine\nworkers: 3\nsite: /var/www/fresns\n")
        try setup.write(text)
        let again = try ConfigurationSetup(path: path, site: "/var/www/fresns")
        #expect(again.text(waiting: 1000, wantsBacklog: false, now: now) == nil)
    }

    @Test func aConfigurationOfAnotherSiteIsNotTouched() throws {
        try "site: /var/www/other\n".write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationSetup(path: path, site: "/var/www/fresns")
        }
        #expect(error?.description.contains("/var/www/other") == true)
    }

    @Test func itIsWrittenWhereItsFolderIsNot() throws {
        let deep = folder + "/etc/transcoder/transcoder.yaml"
        let setup = try ConfigurationSetup(path: deep, site: "/srv")
        try setup.write("site: /srv\n")
        var status = stat()
        #expect(stat(deep, &status) == 0 && status.st_mode & 0o777 == 0o644)
    }

    /// Two daemons on a host have a status file each.
    @Test func oneOfSeveralSitesHasAStatusFileOfItsOwn() throws {
        let setup = try ConfigurationSetup(path: "/etc/transcoder/no-such-blog.yaml", site: "/var/www/blog")
        let text = try #require(setup.text(waiting: 0, wantsBacklog: false, now: now))
        #expect(try Configuration.parse(text).statusFile == "/run/transcoder-no-such-blog/status.json")
    }
}
