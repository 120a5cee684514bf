internal import ArgumentParser
internal import Diagnostics

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check everything the daemon needs, and say how to fix problems.",
        discussion: """
            Changes nothing that lasts. Run by root, it accesses the site's files as the service's user. Exits with 1 if a problem (✗) \
            must be fixed, and with 0 if there are only warnings (!).

            Example: sudo transcoder doctor
            """)

    @OptionGroup var options: ConfigOption

    func run() async throws {
        let findings = await Doctor.examine(configuration: options.config)
        for finding in findings { StandardStreams.print(finding.lines) }
        if findings.contains(where: { $0.grade == .bad }) { throw ExitStatus.failed }
    }
}

extension Finding {
    /// For people: the finding, with its remedy on the next line.
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
