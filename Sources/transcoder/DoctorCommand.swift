internal import ArgumentParser
internal import Diagnostics

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look at everything that the daemon needs, and say how to mend what is wrong.",
        discussion: """
            Changes nothing. Ends with 1 where something (✗) must be mended, and with 0 where something (!) should be known.

            Example: sudo -u www-data transcoder doctor
            """)

    @OptionGroup var options: ConfigOption

    func run() async throws {
        let findings = await Doctor.examine(configuration: options.config)
        for finding in findings { Streams.print(finding.lines) }
        if findings.contains(where: { $0.grade == .bad }) { throw Ending.failed }
    }
}

extension Finding {
    /// For people: what was found, and beneath it what to do.
    var lines: String {
        let mark =
            switch grade {
            case .good: "✓"
            case .odd: "!"
            case .bad: "✗"
            }
        return "\(mark) \(subject): \(text)" + (remedy.map { "\n    \($0)" } ?? "")
    }
}
