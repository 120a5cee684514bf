internal import MediaProcess

/// The administrator's command that clears a file's cached details.
struct CacheCommand: Sendable {
    /// The program and its arguments, with `{id}`, `{fid}` and `{site}` in them.
    let words: [String]
    var limit: Duration = .seconds(30)

    /// Blocks until the command has ended. Throws an `ExternalCommand.Failure`, a sentence.
    ///
    /// - Parameter fid: nil if the file's row is gone.
    func run(fileID: Int64, fid: String?, site: String) throws {
        // An argument may be program code: only plain names are inserted, whatever the database says.
        guard let fid, !fid.isEmpty, fid.allSatisfy(Self.isPlain) else {
            throw ExternalCommand.Failure(description: "cache_command was not run for file \(fileID): its fid is not a plain name.")
        }
        let filled = words.map {
            $0.replacing("{id}", with: "\(fileID)").replacing("{fid}", with: fid).replacing("{site}", with: site)
        }
        try ExternalCommand(key: "cache_command", words: filled, limit: limit).run()
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
    }
}
