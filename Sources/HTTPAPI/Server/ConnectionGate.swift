internal import NIOCore

/// Accepts a connection only if the table has a free place; until then it waits in the system's backlog.
/// Lives on the socket's event loop.
final class ConnectionGate: ChannelOutboundHandler {
    typealias OutboundIn = Never

    private let table: ConnectionTable
    private var isWaiting = false

    init(_ table: ConnectionTable) { self.table = table }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        table.whenPlaceMayBe {
            loop.execute {
                let (gate, context) = bound.value
                if gate.isWaiting { gate.read(context: context) }
            }
        }
    }

    func read(context: ChannelHandlerContext) {
        isWaiting = !table.hasPlace
        if !isWaiting { context.read() }
    }
}
