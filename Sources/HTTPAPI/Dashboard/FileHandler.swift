internal import FoundationEssentials
internal import Observability
internal import Site
internal import Verdicts

/// Looks up a file for its page. May be called from any task.
struct FileHandler: Sendable {
    let site: Site
    let board: StatusBoard
    /// Whether files can be retried and cancelled.
    let acts: Bool

    /// nil if there is no such video or audio file.
    func document(of id: Int64) async throws -> FileDocument? {
        guard let file = try await site.file(id: id), file.type.isMedia else { return nil }
        let job = try await site.job(of: id)
        var document = FileDocument(
            file, job, language: await site.wording().rawValue, acts: acts, hasPoster: try await site.publishedPoster(of: id) != nil,
            address: try await address(of: file), pages: try await site.pages(of: [id])[id] ?? [],
            running: board.status().running.first { $0.fileID == id })
        if file.state == .waiting { document.refusal = try await site.refusal(of: file) }
        return document
    }

    /// The origin that the page may load the file from; nil: none.
    func origin(of id: Int64) async -> String? {
        guard let file = try? await site.file(id: id), let address = try? await address(of: file), let parts = URLComponents(string: address),
            let scheme = parts.scheme, let host = parts.host
        else { return nil }
        // It goes into a header: nothing in it may end the value, or allow more than one origin.
        let text = "\(scheme)://\(host)\(parts.port.map { ":\($0)" } ?? "")"
        return text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"'\",;*".utf8.contains($0) } ? text : nil
    }

    /// What the site gives to every visitor. We serve no media ourselves: whoever may see the dashboard gets no file that the site does not
    /// give out, and a file on the disk is opened by nobody but the sandboxed child.
    private func address(of file: MediaFile) async throws -> String? {
        guard file.type.isMedia, file.isEnabled, !file.isDeleted, !file.isPhysicallyDeleted else { return nil }
        let kind = file.type == .audio ? "audio" : "video"
        // Then the site signs an address for each visitor.
        guard try await site.configuration("\(kind)_temporary_url_status") != "true" else { return nil }
        guard case .text(let address)? = try await site.information(of: file)["\(kind)Url"] else { return nil }
        let isWeb = ["http://", "https://"].contains { address.lowercased().hasPrefix($0) }
        return isWeb && address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? address : nil
    }
}
