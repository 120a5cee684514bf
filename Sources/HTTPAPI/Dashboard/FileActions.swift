internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Site

/// Retrying and cancelling a file by hand, as the commands do. It neither claims nor runs anything: the daemon's loop finds what has changed.
struct FileActions: Sendable {
    enum Action: String, CaseIterable, Sendable { case retry, cancel }

    let site: Site
    /// A file's row has changed: the site's cached details are out of date, and there may be work.
    let changed: @Sendable (Int64) async -> Void

    /// Replies with a sentence: 200 if it was done, 409 if there was nothing to do.
    func perform(_ action: Action, _ fileID: Int64, _ request: Request, _ context: APIRequestContext) async throws -> Response {
        let source = RequestSource(request, context)
        guard source.isSameOrigin else {
            context.logger.warning("A page of another site tried to \(action.rawValue) file \(fileID) (\(source.description)): it was refused.")
            throw HTTPError(.forbidden, message: "Only the dashboard's own pages, and programs with a bearer token, may do this.")
        }
        let result: ManualResult
        do {
            result = switch action {
            case .retry: try await site.retry(fileID)
            case .cancel: try await site.cancel(fileID)
            }
        } catch {
            context.logger.error("The dashboard could not \(action.rawValue) file \(fileID): \(error)")
            throw HTTPError(.serviceUnavailable, message: "The site's database cannot be used at the moment.")
        }
        switch result {
        case .obeyed(let sentence):
            context.logger.notice(
                "\(sentence) By the dashboard, for \(source.description).",
                metadata: ["file_id": .stringConvertible(fileID), "action": .string(action.rawValue), "source": .string(source.description)])
            await changed(fileID)
            return .json(.ok, FileDocument.encoded(["done": sentence]))
        case .refused(let sentence):
            return .json(.conflict, FileDocument.encoded(["error": sentence]))
        }
    }
}
