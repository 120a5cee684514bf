internal import Execution
internal import Observability

extension Status.Away {
    init(_ folder: MissingFolders.Folder, storage root: String) {
        self.init(folder: folder.path, waiting: folder.waiting, since: folder.since, sentence: folder.sentence(storage: root))
    }
}
