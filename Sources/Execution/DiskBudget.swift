internal import FoundationEssentials
internal import Glibc
internal import Jobs
package import MediaWire
package import Objects
internal import Platform
package import Site
internal import Synchronization
package import Verdicts
internal import WorkerConfiguration

/// The disk budget: what is free, the reserve, and what the running jobs may still write. May be used from any
/// thread; methods that query the disk block.
///
/// Before a file is analysed, its result is assumed to be as large as the source: rather too little, because the child's plan
/// corrects that within a second, whereas a file that is held back is never analysed. A plan that did not fit is
/// remembered, so that it is not tried again before there is enough space.
package final class DiskBudget: Sendable {
    /// More than available. In bytes.
    package struct InsufficientSpace: Error, Equatable {
        package let need: Int64
        package let free: Int64
        package let reserve: Int64
        /// What the running jobs may still write.
        package let promised: Int64

        /// The end of a sentence.
        package var why: String {
            let taken = promised > 0 ? ", \(ByteSize.text(promised)) promised to running jobs" : ""
            return """
                up to \(ByteSize.text(need)) needed, \(ByteSize.text(free)) free, \
                \(ByteSize.text(reserve)) of it kept free (reserve)\(taken)
                """
        }

        package var verdict: Verdict { Verdict(.noRoom(need: need, free: free, reserve: reserve, promised: promised)) }
    }

    private struct State {
        var reserve: Int64
        /// Needs of plans that did not fit.
        var learned: [Int64: Int64] = [:]
    }

    private let jobs: RunningJobs
    private let state: Mutex<State>
    private let look: @Sendable () throws -> FreeSpace
    private let thread: BlockingThread
    private static let poster: Int64 = 1 << 20
    private static let mostLearned = 10_000

    init(_ jobs: RunningJobs, reserve: Int, look: @escaping @Sendable () throws -> FreeSpace) throws(ThreadError) {
        thread = try BlockingThread()
        self.jobs = jobs
        state = Mutex(State(reserve: Int64(reserve)))
        self.look = look
    }

    package func set(reserve: Int) { state.withLock { $0.reserve = Int64(reserve) } }

    /// Bytes that the running jobs may still write.
    package var promised: Int64 { jobs.withLock { $0.values.map(\.space.left).saturatedSum } }

    /// Nil if the disk cannot be queried: the jobs that need it report that.
    package func freeSpace() async -> FreeSpace? {
        let look = look
        return try? await thread.run { try look() }
    }

    package func shortage(of file: MediaFile, scrubs: Bool, in space: FreeSpace?) -> InsufficientSpace? {
        shortage(of: file.id, sourceSize: file.size ?? 0, scrubs: scrubs, in: space)
    }

    /// Why a job with a source of this size may not start; nil if it may.
    func shortage(of fileID: Int64, sourceSize: Int64, scrubs: Bool, in space: FreeSpace?) -> InsufficientSpace? {
        guard let space else { return nil }
        let need = self.space(for: fileID, sourceSize: sourceSize, scrubs: scrubs)
        return jobs.withLock { shortage(need, beside: $0, in: space) }
    }

    /// What a job that begins now may write.
    func space(for fileID: Int64, sourceSize: Int64, scrubs: Bool) -> JobSpace {
        let size = max(sourceSize, 1)
        return state.withLock { state in
            JobSpace(
                output: state.learned[fileID] ?? size, besides: Self.poster.addingSaturated(scrubs ? size : 0), reserve: state.reserve)
        }
    }

    /// Checks how large a job's result has become, whatever its child reports.
    ///
    /// - Parameter output: the file being written.
    /// - Returns: why to stop the job, if the reserve is no longer free.
    package func look(at fileID: Int64, output: CInt?) -> InsufficientSpace? {
        let written = output.map { Self.size(of: $0) } ?? 0
        let job = jobs.withLock { jobs in
            if output != nil { jobs[fileID]?.space.written = written }
            return jobs[fileID]?.space
        }
        guard let job, let space = try? look(), space.work < job.reserve else { return nil }
        return InsufficientSpace(need: job.left, free: space.work, reserve: job.reserve, promised: 0)
    }

    /// Takes the child's plan: how large its result may become.
    ///
    /// - Returns: why to stop the job, if its plan needs more space than there is.
    package func hear(_ message: MediaMessage, of fileID: Int64, limits: MediaLimits) -> InsufficientSpace? {
        // A child may send any number: it never gets more than a result may have.
        guard case .planned(let plan) = message, let size = plan.outputSize, let space = try? look() else { return nil }
        return jobs.withLock { jobs in
            guard var job = jobs.removeValue(forKey: fileID) else { return nil }
            job.space.output = Int64(min(max(size, 1), limits.outputSize))
            let shortage = shortage(job.space, beside: jobs, in: space)
            jobs[fileID] = job
            learn(shortage == nil ? nil : job.space.output, of: fileID)
            return shortage
        }
    }

    private func learn(_ output: Int64?, of fileID: Int64) {
        state.withLock { state in
            if output != nil, state.learned.count >= Self.mostLearned { state.learned = [:] }
            state.learned[fileID] = output
        }
    }

    private func shortage(_ job: JobSpace, beside jobs: [Int64: RunningJob], in space: FreeSpace) -> InsufficientSpace? {
        let reserve = state.withLock { $0.reserve }
        func shortage(free: Int64, need: Int64, promised: Int64) -> InsufficientSpace? {
            // Step by step: a reserve may be larger than any disk.
            let left = free.subtractingSaturated(promised)
            let isThere = left >= need && left.subtractingSaturated(need) >= reserve
            return isThere ? nil : InsufficientSpace(need: need, free: free, reserve: reserve, promised: promised)
        }
        let spaces = jobs.values.map(\.space)
        if let shortage = shortage(free: space.work, need: job.left, promised: spaces.map(\.left).saturatedSum) { return shortage }
        // With a scratch folder elsewhere, nothing is here before all is copied.
        guard let storage = space.storage else { return nil }
        return shortage(free: storage, need: job.need, promised: spaces.map(\.need).saturatedSum)
    }

    private static func size(of descriptor: CInt) -> Int64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }
}
