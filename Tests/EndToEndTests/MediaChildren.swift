import Foundation
import SiteFixture

/// A daemon's children, as the kernel tells of them.
extension Program {
    func mediaChildren() throws -> [Int32] {
        // The kernel keeps 15 characters of a program's name.
        let name = "(\("transcoder-media".prefix(15)))"
        return try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(Int32.init).filter { process in
            guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let end = stat.lastIndex(of: ")")
            else { return false }
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            return stat.contains(name) && fields.count > 1 && fields[1] == "\(processID)"
        }
    }

    /// Those that have been given their three files, beside the four descriptors that each has; others wait for their turn.
    ///
    /// - Parameter source: only the one that has been given this file, named by its path below the storage folder.
    func mediaChildrenAtWork(on source: String? = nil) throws -> [Int32] {
        try mediaChildren().filter { child in
            let folder = "/proc/\(child)/fd"
            guard let open = try? FileManager.default.contentsOfDirectory(atPath: folder), open.count >= 7 else { return false }
            guard let source else { return true }
            return open.contains { number in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(number)"))?.hasSuffix(source) == true
            }
        }
    }
}
