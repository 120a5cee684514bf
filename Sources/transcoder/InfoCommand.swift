internal import ArgumentParser
internal import Execution
internal import Foundation
internal import Site
internal import WorkerConfiguration

struct InfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Show a file's information as Fresns' API returns it.",
        discussion: """
            URLs are built as Fresns builds them, for local and remote disks. Exits with 1 if there is \
            no such file.

            Examples:
              transcoder info --fid BNuLYAXQ --json
              transcoder info 4711 --v2
            """)

    @OptionGroup var options: ConfigOption
    @OptionGroup var files: FileIDs
    @Option(help: "The file's fid.")
    var fid: String?
    @Flag(help: "Print JSON.")
    var json = false
    @Flag(name: .customLong("v2"), help: "Use the older (v2) format: md5, moreJson, videoTime, audioTime.")
    var isVersion2 = false

    func validate() throws {
        guard files.all.count + (fid == nil ? 0 : 1) == 1 else { throw ValidationError("Pass the id of one file, or --fid.") }
    }

    func run() async throws {
        let site = try await WorkerContext.openSite(try Configuration.load(path: options.config).configuration)
        let file = try await site.file(id: files.all.first, fid: fid)
        let information = try await site.information(of: file, v2: isVersion2)
        await site.close()
        // The keys are Fresns', in camelCase.
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        if json { return StandardStreams.print(try encoder.encode(information) + Data("\n".utf8)) }
        let width = information.values.keys.map(\.count).max() ?? 0
        for (key, value) in information.values.sorted(by: { $0.key < $1.key }) {
            let name = key.padding(toLength: width, withPad: " ", startingAt: 0)
            StandardStreams.print("\(name)  \(Self.text(value))")
        }
    }

    private static func text(_ value: FileInformation.Value) -> String {
        switch value {
        case .null: "–"
        case .text(let text): text
        case .number(let number): "\(number)"
        case .real(let number): "\(number)"
        case .boolean(let flag): flag ? "yes" : "no"
        case .object, .list: (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
    }
}
