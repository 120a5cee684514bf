// The media child: one process, one job. It sandboxes itself, finds its channel at descriptor 3, reports that it is ready,
// receives one request with its open files, reports progress, and exits. It opens no file, and avoids Foundation to
// start fast.

internal import CSandbox
internal import Glibc
internal import Media
internal import MediaWire

@main
struct ChildProgram {
    static func main() {
        guard getsockopt(WireChannel.childDescriptor) else {
            complain("transcoder-media is started by transcoder, not by hand.")
            exit(2)
        }
        FFmpegLog.start()
        let channel = WireChannel(adopting: WireChannel.childDescriptor)
        do {
            let report = try Sandbox.lockIn()
            let isRequired = !CommandLine.arguments.contains(Sandbox.bestEffort)
            if let shortcoming = report.shortcoming, isRequired {
                complain("\(shortcoming) With “sandbox: best-effort”, uploads are decoded anyway, with less protection.")
                exit(71)
            }
            try channel.send(MediaMessage.ready(report))
            guard let (request, descriptors) = try channel.receive(MediaRequest.self, maxDescriptors: 3) else {
                exit(0)  // The daemon has no job for this child any more.
            }
            guard descriptors.count == request.task.descriptorCount else {
                complain("\(descriptors.count) descriptors for a \(request.task).")
                exit(70)
            }
            let files = MediaJob.Files(
                source: descriptors.first ?? -1, output: descriptors.count > 1 ? descriptors[1] : -1,
                poster: descriptors.count > 2 ? descriptors[2] : -1)
            try Sandbox.limit(by: request)
            try MediaJob(request, files: files, confine: { try Sandbox.limit(to: $0) }) { try channel.send($0) }.run()
        } catch {
            complain("\(error)")
            exit(70)
        }
    }

    /// Whether a descriptor is a socket of the daemon's kind.
    private static func getsockopt(_ descriptor: CInt) -> Bool {
        var type: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return Glibc.getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0
            && type == CInt(SOCK_SEQPACKET.rawValue)
    }

    private static func complain(_ sentence: String) {
        let line = Array("\(sentence)\n".utf8)
        _ = write(2, line, line.count)
    }
}
