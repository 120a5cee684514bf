import Glibc
import MediaWire
import Testing

@Suite struct WireChannelTests {
    @Test func aMessageCrossesWithItsOpenFiles() throws {
        let (daemon, child) = try WireChannel.pair()
        var pipe: [CInt] = [-1, -1]
        #expect(Glibc.pipe(&pipe) == 0)
        defer { for descriptor in pipe { close(descriptor) } }
        try daemon.send(MediaRequest(task: .probe, subject: .video, profile: Profile(), threads: 3), descriptors: [pipe[1]])

        let received = try #require(try child.receive(MediaRequest.self, maxDescriptors: 3))
        #expect(received.message.threads == 3)
        let writer = try #require(received.descriptors.first)
        #expect(received.descriptors.count == 1)
        #expect(fcntl(writer, F_GETFD) & FD_CLOEXEC != 0)
        var byte: UInt8 = 7
        #expect(write(writer, &byte, 1) == 1)
        close(writer)
        byte = 0
        #expect(read(pipe[0], &byte, 1) == 1 && byte == 7)
    }

    @Test func theEndOfTheOtherSideIsTheEnd() throws {
        let daemon: WireChannel
        do {
            let (mine, theirs) = try WireChannel.pair()
            daemon = mine
            try theirs.send(MediaMessage.finished(nil))
        }
        #expect(try daemon.receive(MediaMessage.self)?.message == .finished(nil))
        #expect(try daemon.receive(MediaMessage.self) == nil)
    }

    @Test func descriptorsNobodyAskedForAreClosed() throws {
        let (daemon, child) = try WireChannel.pair()
        var pipe: [CInt] = [-1, -1]
        #expect(Glibc.pipe(&pipe) == 0)
        defer { close(pipe[0]) }
        try child.send(MediaMessage.finished(nil), descriptors: [pipe[1], pipe[1], pipe[1]])
        close(pipe[1])
        let received = try #require(try daemon.receive(MediaMessage.self, maxDescriptors: 0))
        #expect(received.descriptors.isEmpty)
        // Were one of them still open, the end of the pipe would never come.
        var byte: UInt8 = 0
        #expect(fcntl(pipe[0], F_SETFL, O_NONBLOCK) == 0)
        #expect(read(pipe[0], &byte, 1) == 0)
    }

    @Test func garbageIsAnErrorAndClosesWhatCameWithIt() throws {
        let (daemon, child) = try WireChannel.pair()
        let garbage: [UInt8] = [200, 1, 2, 3]
        #expect(send(child.descriptor, garbage, garbage.count, 0) == garbage.count)
        #expect(throws: WireError.unknownValue(200)) { try daemon.receive(MediaMessage.self) }
        let tooLong = [UInt8](repeating: 0, count: WireCoder.limit + 1)
        #expect(send(child.descriptor, tooLong, tooLong.count, 0) == tooLong.count)
        #expect(throws: ChannelError.self) { try daemon.receive(MediaMessage.self) }
    }
}
