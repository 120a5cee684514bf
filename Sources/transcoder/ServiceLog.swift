internal import Foundation
internal import Glibc
internal import Logging
internal import Worker

/// Log lines on standard error: with the time for people, with the level's number for the journal, which has its own clock.
struct ServiceLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let isJournal: Bool

    init(level: Logger.Level, environment: [String: String]) {
        logLevel = level
        isJournal = environment["JOURNAL_STREAM"] != nil
    }

    static func logger(level: Logger.Level) -> Logger {
        let environment = ProcessInfo.processInfo.environment
        return Logger(label: "transcoder") { _ in ServiceLog(level: level, environment: environment) }
    }

    static func logger(_ configuration: Configuration) -> Logger {
        logger(level: Logger.Level(rawValue: configuration.logLevel.rawValue) ?? .info)
    }

    /// For commands that tell themselves what became of their work.
    static func quiet(_ configuration: Configuration) -> Logger {
        logger(level: configuration.logLevel == .debug ? .debug : .error)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if isJournal {
            // Every line of a message needs the number in front of it.
            let lines = "\(event.message)".split(separator: "\n", omittingEmptySubsequences: false)
            Streams.complain(lines.map { "<\(Self.number(event.level))>\($0)" }.joined(separator: "\n"))
        } else {
            let time = Date().formatted(.iso8601)
            Streams.complain("\(time) \(event.level.rawValue): \(event.message)")
        }
    }

    /// syslog's.
    private static func number(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
