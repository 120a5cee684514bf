internal import Execution
internal import Notifications
internal import Observability
internal import Site
internal import Verdicts

extension PendingIncidents {
    /// How a job ended, if people should know of it.
    ///
    /// - Parameter waitsForFolders: uploads are known to wait for missing folders, which is told by itself.
    func add(_ end: JobEnd, of file: MediaFile, waitsForFolders: Bool) {
        let (verdict, willRetry): (Verdict, Bool)
        switch end {
        case .failed(let failed): (verdict, willRetry) = (failed, false)
        case .retry(let failed, _): (verdict, willRetry) = (failed, true)
        case .done: return hint()
        case .handedBack, .lost, .unreported: return
        }
        if waitsForFolders, verdict.failure == .storageUnavailable { return }
        if let incident = Incident(verdict, file: .init(id: file.id, fid: file.fid), willRetry: willRetry) { add(incident) }
    }
}

extension Status {
    /// What keeps this host from working.
    var incidents: [Incident] {
        var incidents: [Incident] = []
        if let waitingFor { incidents.append(.noRoom(waitingFor)) }
        if let away, !away.isEmpty { incidents.append(.foldersMissing(away.map(\.sentence))) }
        return incidents
    }
}
