internal import ArgumentParser
internal import Verdicts
internal import WorkerConfiguration

/// How `convert`, `plan` and `probe` tell of a file: in the configuration's language, with `--json` as a document even if it fails.
struct PlainFileSpeaker {
    /// There is no site whose language it could be: the key's, or English.
    let language: Language
    private let json: Bool
    /// Then a document takes one line.
    private let isOneOfSeveral: Bool

    init(_ configuration: Configuration, json: Bool, isOneOfSeveral: Bool = false) {
        language = configuration.language ?? .english
        self.json = json
        self.isOneOfSeveral = isOneOfSeveral
    }

    func print(_ document: some Encodable) throws {
        StandardStreams.print(try StandardStreams.json(document, pretty: !isOneOfSeveral))
    }

    /// Does the work, and tells why it failed.
    ///
    /// - Throws: the exit code, or after a signal what ended the work.
    func telling(of file: String, _ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let code as ExitCode {
            throw code
        } catch {
            if json { try print(FailureDocument(file, error, in: language, wasStopped: Signals.wasStopped)) }
            // The end of the program says what the signal did.
            if Signals.wasStopped { throw error }
            let sentence = ExitStatus.sentence(error, in: language)
            StandardStreams.complain(isOneOfSeveral && !sentence.contains(file) ? "\(file): \(sentence)" : sentence)
            throw ExitStatus.code(error)
        }
    }
}
