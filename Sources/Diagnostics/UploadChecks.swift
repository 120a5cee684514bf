internal import FoundationEssentials
internal import Objects
internal import Site

/// Does in the folders of uploads what a job does there: reads a waiting file, makes one beside it, and removes that. Blocks.
enum UploadChecks {
    /// - Parameters:
    ///   - waiting: files of the queue.
    ///   - month: as in the names of folders.
    ///   - who: as the subject of a sentence.
    static func findings(_ disk: LocalDisk, waiting: [MediaFile], month: String, who: String) -> [Finding] {
        let files = waiting.filter { (try? ObjectPath($0.path)) != nil }
        let folders = Set(files.compactMap { try? ObjectPath($0.path).folder }.filter { !$0.isEmpty } + latest(month, disk.root)).sorted()
        var faults: [Finding] = []
        var written = 0
        for folder in folders {
            do throws(ObjectError) {
                try disk.tryWriting(in: folder)
                written += 1
            } catch .unavailable(let path, let why) {
                faults.append(.odd("uploads", "The folder \(path) cannot be opened: \(why).", remedy: "Mount its disk, or restore the folder: its files wait."))
            } catch {
                faults.append(
                    .bad(
                        "uploads", "\(who) cannot write to \(disk.root)/\(folder), where results go: \(error)",
                        remedy: "Give the folder to the service's user (chown), as the site's other folders."))
            }
        }
        for file in files {
            do throws(ObjectError) {
                _ = try disk.openSource(file.path)
            } catch .denied {
                faults.append(
                    .bad(
                        "uploads", "\(who) cannot read \(disk.root)/\(file.path), which waits.",
                        remedy: "Give it to the service's user (chown), or let that user read it (chmod)."))
            } catch {
                // What is missing or no file is for the daemon to tell.
            }
        }
        guard faults.isEmpty else { return Array(faults.prefix(longest)) + more(faults.count - longest) }
        guard written > 0 else { return [] }
        return [.good("uploads", "A file could be written and removed in \(written == 1 ? "the folder" : "\(written) folders") of waiting files and of this month.")]
    }

    private static let longest = 5

    private static func more(_ count: Int) -> [Finding] {
        count > 0 ? [.bad("uploads", "\(count) more folders or files have such a fault.", remedy: "Fix those above, then run this again.")] : []
    }

    /// The month's folders in which the last uploads are, below each kind and use: `videos/posts/202601/31`.
    private static func latest(_ month: String, _ root: String) -> [String] {
        func names(_ folder: String) -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)"))?.sorted() ?? [] }
        return ["videos", "audios"].flatMap { kind in
            names(kind).filter { names("\(kind)/\($0)").contains(month) }.map { use in
                let folder = "\(kind)/\(use)/\(month)"
                let day = names(folder).last { $0.count == 2 && Int($0) != nil }
                return day.map { "\(folder)/\($0)" } ?? folder
            }
        }
    }
}
