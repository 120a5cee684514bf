import Foundation
import SQL
import SiteFixture
import Testing

/// Who asks the doctor: root may do everything, and nobody only what he was given.
enum Patient {
    case me, nobody

    static let nobodysNumber: uid_t = 65534

    fileprivate var words: [String] {
        let lowered = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        return self == .nobody && geteuid() == 0 ? lowered : []
    }
}

extension Workplace {
    /// Lets the doctor look, and expects all of the words in what he says.
    ///
    /// - Parameters:
    ///   - ends: the exit code; nil where it depends on other things.
    ///   - program: what the doctor is run by.
    @discardableResult
    func doctor(
        _ words: String..., ends: Int32? = nil, as patient: Patient = .me, by program: [String] = [], environment: [String: String] = [:],
        at location: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let all = patient.words + program + [Built.transcoder, "doctor", "--config", config]
        let result = try await Program.run(all[0], Array(all.dropFirst()), environment: environment)
        let said = result.output + result.errors
        for word in words { #expect(said.contains(word), "“\(word)” is missing: \(said)", sourceLocation: location) }
        if let ends { #expect(result.status == ends, "\(said)", sourceLocation: location) }
        #expect(!said.contains("of-a-secret"), sourceLocation: location)
        return said
    }

    /// Makes a folder below the workplace's; its path.
    func folder(_ name: String, mode: mode_t = 0o755) throws -> String {
        let path = name.hasPrefix("/") ? name : folder + "/" + name
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        chmod(path, mode)
        return path
    }

    func set(_ key: String, _ value: String?) async throws {
        let configs = site.table("configs")
        try await site.database.write { session in
            _ = try session.execute(
                "update \(configs) set item_value = \(value) where item_key = \(key)")
        }
    }
}
