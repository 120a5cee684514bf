internal import Logging
internal import Platform

/// The doors of a daemon: opened at once, or as soon as what is in the way has passed, a port that is taken, say. Files are worked
/// on meanwhile. May be used from any task.
final class NoticeDoors: Sendable {
    private let opening: Task<NoticeService?, Never>

    /// Throws what `open` throws, where somebody has to mend it.
    ///
    /// - Parameter rest: between two attempts.
    init(rest: Duration = .seconds(5), log: Logger, open: @escaping @Sendable () throws -> NoticeService?) throws {
        do {
            let service = try open()
            opening = Task { service }
        } catch let error where error is TransientError || error is ThreadError {
            log.error("\(error) It is tried again until that is over; files are worked on all the same.")
            opening = Task {
                while (try? await Task.sleep(for: rest)) != nil {
                    if let service = try? open() { return service }
                }
                return nil
            }
        }
    }

    /// Gives up what is not open yet, and ends what is.
    func close() async {
        opening.cancel()
        await opening.value?.close()
    }
}
