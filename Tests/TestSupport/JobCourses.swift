package import Observability
internal import Synchronization

/// The courses of jobs that a test makes up, for a status board to show.
package final class JobCourses: Sendable {
    private let courses = Mutex<[JobCourse]>([])

    package init() {}

    package var all: [JobCourse] { courses.withLock { $0 } }

    package func begin(_ fileID: Int64, name: String = "n", attempt: Int = 1) -> JobCourse {
        let course = JobCourse(fileID: fileID, fid: "f", name: name, attempt: attempt)
        courses.withLock { $0.append(course) }
        return course
    }
}
