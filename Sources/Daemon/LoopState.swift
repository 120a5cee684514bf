/// What only the daemon's loop uses, from its first pass to the end of the drain.
struct LoopState {
    var checkTimes = CheckTimes()
    var dispatcher: Dispatcher
    var report: QueueReport
    /// The last pass came too soon after a count.
    var isToCount = false
    /// Each is a reason for a pass.
    var signals: AsyncStream<Void>.Iterator
}
