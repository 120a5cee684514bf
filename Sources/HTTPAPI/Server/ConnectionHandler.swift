internal import NIOCore
internal import NIOHTTP1

/// The state of one connection: which requests it accepts, the timeouts for requests and responses, and how it ends. A refused client
/// can still read the response: what it keeps sending is read and discarded for a while. Lives on the connection's event loop.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private struct Asked {
        let method: HTTPMethod
        let version: HTTPVersion
        var staysOpen: Bool
    }

    private enum Phase {
        case serving
        /// The last response is being sent. Nothing follows.
        case ending
        /// It has been delivered, as far as we know.
        case discarding
    }

    private enum Clock { case reading, working, writing, discarding }

    private let limits: ConnectionLimits
    private let table: ConnectionTable
    private let explain: @Sendable (String) -> [UInt8]
    private var number = 0
    private var phase = Phase.serving
    /// In order; no more than one socket read holds, because nothing more is read while the first ones wait.
    private var asked: [Asked] = []
    /// The last of them is incomplete.
    private var isReading = false
    /// The response to the first of them has started.
    private var isAnswering = false
    /// An incomplete head has arrived.
    private var hasPart = false
    private var hasInputEnded = false
    private var isLast = false
    /// What to send after the pending responses.
    private var refusal: RequestRefusal?
    /// The limits of the first request's route.
    private var route: RequestLimits?
    private var clock: Clock?
    private var timer: Scheduled<Void>?
    private var discarded = 0
    /// Whether we wait for bytes, and how many parts wait to be read.
    private var isReadPending = false
    private var unwritten = 0

    init(_ limits: ConnectionLimits, _ table: ConnectionTable, explain: @escaping @Sendable (String) -> [UInt8]) {
        self.limits = limits
        self.table = table
        self.explain = explain
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        number = table.add { ending in
            loop.execute {
                let (handler, context) = bound.value
                handler.end(ending, context)
            }
        }
        context.channel.closeFuture.whenComplete { [table, number] _ in table.remove(number) }
        start(.reading, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    // MARK: inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard phase == .serving else {
            if case .body(let bytes) = part { discard(bytes.readableBytes, context) }
            return
        }
        // Bytes behind a last request are ignored.
        guard refusal == nil, isReading || asked.last?.staysOpen != false else { return }
        switch part {
        case .head(var head):
            hasPart = false
            do throws(RequestRefusal) { try RequestCheck.check(head) } catch { return refuse(error, context) }
            // After an upgrade, which is never offered, the parser accepts nothing more.
            let staysOpen = head.version == .http1_1 && head.isKeepAlive && !head.headers.contains(name: "upgrade")
            asked.append(Asked(method: head.method, version: head.version, staysOpen: staysOpen))
            isReading = true
            // The router sees exactly this value.
            head.headers.replaceOrAdd(name: "connection", value: staysOpen ? "keep-alive" : "close")
            context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body:
            if clock == .reading, case .pause = route?.reading { stop() }
            context.fireChannelRead(data)
        case .end:
            isReading = false
            if asked.count == 1, !isAnswering { start(.working, context) }
            context.fireChannelRead(data)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        hasPart = asked.isEmpty
        isReadPending = false
        context.fireChannelReadComplete()
        if phase == .discarding { context.read() }
    }

    func read(context: ChannelHandlerContext) {
        isReadPending = true
        if clock == .reading, timer == nil { start(.reading, context) }
        context.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case ByteToMessageDecoderError.dataReceivedInErrorState(_, let bytes): discard(bytes.readableBytes, context)
        case let error as HTTPParserError:
            refuse(RequestRefusal(error), context)
            // A reader waiting for the rest of this request waits in vain.
            context.fireErrorCaught(error)
        default:
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            hasInputEnded = true
            if phase == .discarding || (phase == .serving && asked.isEmpty) { return context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: outbound

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let limits = event as? RequestLimits else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if phase == .serving, !asked.isEmpty {
            route = limits
            start(asked.count == 1 && isReading ? .reading : .working, context)
        }
        promise?.succeed()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard phase == .serving, let request = asked.first else { return promise?.succeed() ?? () }
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status.code < 200: context.write(data, promise: promise)
        case .head(var head):
            isAnswering = true
            // After an early response, the rest of the request is not read.
            if isReading && asked.count == 1 || isLast || hasInputEnded && asked.count == 1 { asked[0].staysOpen = false }
            if !head.headers.contains(name: "content-length"), request.method == .HEAD || request.version == .http1_0 {
                // HTTP/1.0 has no chunks: the end of the connection ends the response.
                head.version = .http1_0
                asked[0].staysOpen = false
            }
            if !asked[0].staysOpen { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            start(.writing, context)
            context.write(wrapOutboundOut(.head(head)), promise: counted(promise, context))
        case .body where request.method == .HEAD: promise?.succeed()
        case .body: context.write(data, promise: counted(promise, context))
        case .end:
            let taken = counted(promise, context)
            context.write(data, promise: whenWritten(taken, context) { handler, context in handler.answered(context) })
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch (mode, phase) {
        // It ends at its timeout.
        case (.all, .ending), (.all, .discarding): context.channel.closeFuture.cascade(to: promise)
        case (.output, .ending), (.output, .discarding): promise?.succeed()
        case (.output, .serving):
            isLast = true
            if asked.isEmpty { endOutput(context) } else { asked[0].staysOpen = false }
            promise?.succeed()
        default: context.close(mode: mode, promise: promise)
        }
    }

    /// If pauses are limited: restarts with each part that is sent.
    private func counted(_ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) -> EventLoopPromise<Void>? {
        guard case .pause = route?.writing else { return promise }
        unwritten += 1
        if timer == nil { start(.writing, context) }
        return whenWritten(promise, context) { handler, context in
            handler.unwritten -= 1
            guard handler.phase == .serving, handler.isAnswering else { return }
            if handler.unwritten == 0 { handler.stop() } else { handler.start(.writing, context) }
        }
    }

    private func whenWritten(
        _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext,
        _ then: @escaping @Sendable (ConnectionHandler, ChannelHandlerContext) -> Void
    ) -> EventLoopPromise<Void> {
        let written = promise ?? context.eventLoop.makePromise()
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        written.futureResult.whenSuccess { then(bound.value.handler, bound.value.context) }
        return written
    }

    // MARK: after a response

    /// The first request's response is with the system.
    private func answered(_ context: ChannelHandlerContext) {
        guard phase == .serving, !asked.isEmpty else { return }
        let request = asked.removeFirst()
        (isAnswering, route, unwritten) = (false, nil, 0)
        if !request.staysOpen {
            endOutput(context)
        } else if let refusal {
            refuse(refusal, context)
        } else if asked.isEmpty, hasInputEnded || isLast {
            endOutput(context)
        } else {
            start(asked.isEmpty || asked.count == 1 && isReading ? .reading : .working, context)
        }
    }

    /// Refuses at once, or after the responses to the earlier requests.
    private func refuse(_ refusal: RequestRefusal, _ context: ChannelHandlerContext) {
        guard phase == .serving else { return }
        self.refusal = refusal
        if isAnswering { return isReading && asked.count == 1 ? asked[0].staysOpen = false : () }
        // The broken request may be the only one, or follow others.
        guard asked.isEmpty || asked.count == 1 && isReading else { return }
        let body = asked.first?.method == .HEAD ? [] : explain(refusal.why)
        let fields = [
            ("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Connection", "close"), ("Content-Length", String(body.count)),
        ]
        phase = .ending
        (asked, route) = ([], nil)
        start(.writing, context)
        let head = HTTPResponseHead(version: .http1_1, status: refusal.status, headers: HTTPHeaders(fields))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        let written = whenWritten(nil, context) { handler, context in handler.endOutput(context) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    private func endOutput(_ context: ChannelHandlerContext) {
        guard phase != .discarding else { return }
        phase = .discarding
        guard !hasInputEnded else { return context.close(promise: nil) }
        start(.discarding, context)
        context.close(mode: .output, promise: nil)
        context.read()
    }

    private func discard(_ count: Int, _ context: ChannelHandlerContext) {
        discarded += count
        if discarded > limits.discarded { context.close(promise: nil) }
    }

    private func end(_ ending: ConnectionTable.Ending, _ context: ChannelHandlerContext) {
        guard ending == .whenAnswered else { return context.close(promise: nil) }
        isLast = true
        if phase == .serving, asked.isEmpty { endOutput(context) }
    }

    // MARK: timeouts

    private func stop() {
        timer?.cancel()
        timer = nil
    }

    private func start(_ clock: Clock, _ context: ChannelHandlerContext) {
        stop()
        self.clock = clock
        table.set(number, isBusy: clock == .working || route?.areOwn == true)
        let limit: TimeLimit? = switch clock {
        case .reading: route?.reading ?? .whole(limits.reading)
        case .working: nil
        case .writing: route?.writing ?? .whole(limits.writing)
        case .discarding: .whole(limits.closing)
        }
        let time: Duration
        switch limit {
        case nil: return
        case .pause where clock == .reading && !isReadPending: return
        case .whole(let duration), .pause(let duration): time = duration
        }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: TimeAmount(time)) {
            let (handler, context) = bound.value
            handler.expire(context)
        }
    }

    private func expire(_ context: ChannelHandlerContext) {
        timer = nil
        // A client that sent nothing gets no response.
        guard clock == .reading, hasPart || isReading else { return context.close(promise: nil) }
        let isWaitedFor = isReading
        refuse(.tooSlow, context)
        if isWaitedFor { context.fireErrorCaught(ReadTimeout()) }
    }
}

/// The rest of a request did not arrive in time.
struct ReadTimeout: Error {}
