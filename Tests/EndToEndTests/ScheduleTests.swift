import Foundation
import SiteFixture
import Testing

/// Whose turn it is, in a real daemon.
@Suite(.serialized)
struct ScheduleTests {
    /// Twenty clips come while two long films are there: the films' length is nothing to them.
    @Test(arguments: [120, 240])
    func shortClipsDoNotWaitForLongFilms(seconds: Int) async throws {
        let film = try await LongFilm.shared.path(seconds: seconds)
        try await Workplace.use(configuration: "workers: 2") { place in
            var films: [Upload] = []
            for _ in 0..<2 {
                let file = try await place.publish(film).file
                // As a lecture's row says it: what is expected of it is what counts.
                try await place.site.set("duration", "7200", file: file.id)
                films.append(file)
            }
            let lectures = films
            try await place.daemon { daemon in
                try await until("a film is in work") { try !daemon.mediaChildrenAtWork(on: ".avi").isEmpty }
                var clips: [Upload] = []
                for _ in 0..<20 { clips.append(try await place.publish("tune.mp3").file) }
                for clip in clips {
                    try await until("clip \(clip.id) is done") { try await place.site.file(clip.id).state == 3 }
                }
                var states: [Int64] = []
                for file in lectures { states.append(Int64(try await place.site.file(file.id).state)) }
                #expect(states.sorted() == [1, 2], "one film is in work, the other one leaves a hand to short ones")
                daemon.signal(SIGTERM)
                daemon.signal(SIGTERM)
                #expect(await daemon.result().status == 0)
            }
        }
    }
}
