internal import Foundation
internal import Logging
internal import Observability
internal import Platform
internal import WorkerConfiguration

/// Log lines: with fields to the journal, which adds its own time; on standard error otherwise.
struct ServiceLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let format: Configuration.LogFormat
    private let isJournal: Bool
    private let journal: JournalSocket?

    init(level: Logger.Level, format: Configuration.LogFormat, environment: [String: String]) {
        logLevel = level
        self.format = format
        isJournal = environment["JOURNAL_STREAM"] != nil
        journal = format == .auto ? JournalSocket.ofThisProcess(environment) : nil
    }

    static func logger(_ configuration: Configuration) -> Logger {
        logger(configuration, level: Logger.Level(rawValue: configuration.logLevel.rawValue) ?? .info)
    }

    /// For commands that print their own result.
    static func quiet(_ configuration: Configuration) -> Logger {
        logger(configuration, level: configuration.logLevel == .debug ? .debug : .error)
    }

    private static func logger(_ configuration: Configuration, level: Logger.Level) -> Logger {
        let handler = ServiceLog(level: level, format: configuration.log, environment: ProcessInfo.processInfo.environment)
        return Logger(label: "transcoder") { _ in handler }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = LogLine(event.level, "\(event.message)", metadata.merging(event.metadata ?? [:]) { $1 })
        switch format {
        case .json: StandardStreams.complain(line.json)
        case .text: StandardStreams.complain(line.text)
        case .auto where !isJournal: StandardStreams.complain(line.text)
        case .auto:
            if let journal, journal.send(line) { return }
            // Fall back to standard error. A line that it does not accept either is lost: logging never blocks.
            StandardStreams.complain(line.prefixed, unlessItBlocks: true)
        }
    }
}
