internal import Observability
internal import Site

extension Status.ForeignDisk {
    /// Nil if none is waiting.
    init?(_ files: FilesOnForeignDisks) {
        guard files.waiting > 0 else { return nil }
        self.init(
            type: files.type == .audio ? "audio" : "video", setting: files.setting, disk: files.disk, waiting: files.waiting,
            sentence: files.sentence)
    }
}
