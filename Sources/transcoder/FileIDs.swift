internal import ArgumentParser
internal import Site

/// The files that a command is about: bare ids, or ids behind `--id`.
struct FileIDs: ParsableArguments {
    @Argument(help: "The files' ids.")
    var ids: [Int64] = []
    @Option(parsing: .upToNextOption, help: ArgumentHelp("The same.", valueName: "ids"))
    var id: [Int64] = []

    /// Each once, in the order given.
    var all: [Int64] {
        var seen: Set<Int64> = []
        return (id + ids).filter { seen.insert($0).inserted }
    }
}

extension Array where Element == Int64 {
    /// Does one thing to each file, and tells what came of it.
    func tellEach(_ work: (Int64) async throws -> ManualResult) async throws {
        var areAllObeyed = true
        for id in self {
            switch try await work(id) {
            case .obeyed(let sentence): StandardStreams.print(sentence)
            case .refused(let sentence):
                StandardStreams.complain(sentence)
                areAllObeyed = false
            }
        }
        guard areAllObeyed else { throw ExitStatus.failed }
    }
}
