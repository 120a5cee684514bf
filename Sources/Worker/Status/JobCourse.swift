/// How long a try of a job took, in all and in each of its phases, in seconds.
struct JobCourse: Sendable {
    var seconds = 0.0
    var phases: [JobPhase: Double] = [:]
    /// Seconds of media that were done in a second.
    var speed: Double?
}
