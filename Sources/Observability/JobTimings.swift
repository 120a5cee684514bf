/// How long a try of a job took, in all and in each of its phases, in seconds.
package struct JobTimings: Sendable {
    package var seconds = 0.0
    package var phases: [JobPhase: Double] = [:]
    /// Seconds of media that were done in a second.
    package var speed: Double?
}
