/// The duration of an attempt, in total and per phase, in seconds.
package struct JobTimings: Sendable {
    package var seconds = 0.0
    package var phases: [JobPhase: Double] = [:]
    /// Seconds of media transcoded per second.
    package var speed: Double?
}
