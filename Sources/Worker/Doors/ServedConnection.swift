internal import Glibc

/// One connection: what has come of it, and what is still to go. Owns the descriptor until `end`. Used on one thread.
struct ServedConnection {
    enum Phase {
        case reading
        /// Its answer is being made elsewhere. Nothing is read, so that nothing piles up.
        case working
        case writing
        /// Answered. What was sent too much is taken and thrown away: a connection that is closed before is reset, and who still
        /// sends is told of an error in place of the answer.
        case leaving
    }

    /// What is to be done about it.
    enum Need {
        case nothing
        case work(@Sendable () async -> [UInt8])
        /// It is over.
        case end
    }

    let descriptor: CInt
    private(set) var phase = Phase.reading
    /// nil while it is worked for.
    private(set) var deadline: ContinuousClock.Instant?
    private let exchange: any Exchange
    private let patience: DoorPatience
    private var input: [UInt8] = []
    private var output: ArraySlice<UInt8> = []
    private var thrownAway = 0

    init(descriptor: CInt, exchange: any Exchange, patience: DoorPatience) {
        self.descriptor = descriptor
        self.exchange = exchange
        self.patience = patience
        deadline = .now + patience.reading
    }

    /// For `poll`; one that is worked for is not looked at, for its end would be told again and again.
    var polled: pollfd {
        switch phase {
        case .reading, .leaving: pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        case .writing: pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        case .working: pollfd(fd: -1, events: 0, revents: 0)
        }
    }

    /// Goes on as far as it goes without waiting.
    mutating func proceed() -> Need {
        switch phase {
        case .reading: read()
        case .working: .nothing
        case .writing: write()
        case .leaving: leave()
        }
    }

    /// Its answer is made.
    mutating func answer(_ bytes: [UInt8]) -> Need {
        input = []
        output = bytes[...]
        phase = .writing
        deadline = .now + patience.writing
        return write()
    }

    /// Its time is up.
    mutating func expire() -> Need {
        if phase == .reading, !input.isEmpty { return answer(exchange.tooSlow) }
        return .end
    }

    func end() { close(descriptor) }

    private mutating func read() -> Need {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return errno == EAGAIN ? .nothing : .end }
            input += buffer[..<count]
            switch exchange.read(input, isEnd: count == 0) {
            case .incomplete: if count == 0 { return .end }
            case .answer(let bytes): return answer(bytes)
            case .work(let work):
                phase = .working
                deadline = nil
                input = []
                return .work(work)
            }
        }
    }

    private mutating func write() -> Need {
        while !output.isEmpty {
            // Never SIGPIPE: whoever has gone does not end the daemon.
            let count = output.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            if count < 0 { return errno == EAGAIN ? .nothing : .end }
            output = output.dropFirst(count)
        }
        shutdown(descriptor, CInt(SHUT_WR))
        phase = .leaving
        deadline = .now + patience.leaving
        return leave()
    }

    private mutating func leave() -> Need {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while thrownAway < patience.mostThrownAway {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return .nothing }
            if count <= 0 { return .end }
            thrownAway += count
        }
        return .end
    }
}

/// How long, and how many, callers at the doors may be.
struct DoorPatience: Sendable {
    /// For the whole request to come, and for the whole answer to go.
    var reading = Duration.seconds(5)
    var writing = Duration.seconds(5)
    /// For what was sent too much.
    var leaving = Duration.seconds(1)
    var mostThrownAway = 1 << 20
    /// At a time, at all doors.
    var connections = 32
}
