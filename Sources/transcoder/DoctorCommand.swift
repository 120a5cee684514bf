internal import ArgumentParser
internal import Worker

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look at everything that the daemon needs, and say how to mend what is wrong.",
        discussion: """
            Changes nothing. Ends with 1 where something is wrong.

            Example: sudo -u www-data transcoder doctor
            """)

    @OptionGroup var options: ConfigOption

    func run() async throws {
        let findings = await Doctor.examine(configuration: options.config)
        for finding in findings {
            let mark =
                switch finding.grade {
                case .good: "✓"
                case .odd: "!"
                case .bad: "✗"
                }
            Streams.print("\(mark) \(finding.subject): \(finding.text)")
            if let mending = finding.mending { Streams.print("    \(mending)") }
        }
        if findings.contains(where: { $0.grade == .bad }) { throw Ending.failed }
    }
}
