import Foundation
import Media
import MediaWire
import Testing
import Verdicts

/// For looking at many real files at once: set TRANSCODER_CORPUS to their folder.
@Test(.enabled(if: ProcessInfo.processInfo.environment["TRANSCODER_CORPUS"] != nil))
func corpusSweep() throws {
    let folder = URL(filePath: ProcessInfo.processInfo.environment["TRANSCODER_CORPUS"] ?? "")
    let keep = ProcessInfo.processInfo.environment["TRANSCODER_CORPUS_OUT"].map { URL(filePath: $0) }
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        .sorted(by: { $0.path < $1.path }) where file.pathExtension != "tsv"
    {
        let started = Date()
        let run = try MediaRun()(file)
        let seconds = String(format: "%.2f", Date().timeIntervalSince(started))
        let ending = run.outcome.map { "ok \($0.isRewritten ? "" : "KEPT ")\($0.width ?? 0)x\($0.height ?? 0) \($0.duration) \($0.remark ?? "")" }
            ?? run.failure.map { "FAILED \($0.code) \($0.reason) | \($0.detail.replacing("\n", with: " / ").prefix(300))" } ?? "?"
        for decision in run.plan?.decisions ?? [] {
            print("PLAN   ", decision.stream.map { "\($0):" } ?? "", decision.action, "—", decision.reason)
        }
        print("SWEEP", seconds, file.lastPathComponent, ending)
        if let keep, run.outcome != nil {
            let name = file.lastPathComponent
            try? FileManager.default.moveItem(at: run.output, to: keep.appending(path: "\(name).out.mp4"))
            try? FileManager.default.moveItem(at: run.poster, to: keep.appending(path: "\(name).jpg"))
        }
    }
}
