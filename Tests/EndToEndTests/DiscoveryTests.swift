import SiteFixture
import Testing

/// A running daemon finds what is attached, in whatever order and by whatever row.
@Suite(.serialized)
struct DiscoveryTests {
    /// The poll is an hour away: it is the change of the database that wakes.
    @Test func aUsageThatComesLongAfterItsPost() async throws {
        try await Workplace.use(configuration: "poll: 1h") { place in
            try await place.daemon { daemon in
                let file = try await place.site.upload(Built.media + "/old-phone.3gp")
                try await place.site.expect(.done, of: file)
                let post = try await place.site.write(.post)
                // Another post goes through meanwhile, so the daemon has certainly looked.
                let other = try await place.publish("tune.mp3").file
                try await until("the other post") { try await place.site.file(other.id).state == 3 }
                #expect(try await place.site.file(file.id).state == 1, "nothing uses it yet")

                try await place.site.attach(file, to: .post, post)
                try await until("it is done") { try await place.site.file(file.id).state == 3 }
                try await stop(daemon)
            }
            try await place.expectAllInOrder()
        }
    }

    @Test(arguments: Edition.allCases)
    func messagesWithAndWithoutUsage(_ edition: Edition) async throws {
        try await Workplace.use(.init(edition: edition)) { place in
            var files: [Upload] = []
            for usage in [true, false] {
                let file = try await place.site.upload(Built.media + "/hello.wav", for: .message)
                try await place.site.expect(.done, of: file)
                try await place.site.send(file, usage: usage)
                files.append(file)
            }
            try await place.untilIdle()
            try await place.expectAllInOrder()
            for file in files { #expect(try await place.site.file(file.id).state == 3) }
        }
    }

    @Test func anEditedPostAndAFileOfTwoPosts() async throws {
        try await Workplace.use { place in
            let (first, post) = try await place.publish("tune.mp3")
            let second = try await place.site.upload(Built.media + "/hello.wav")
            try await place.site.expect(.done, of: second)
            try await place.site.edit(post: post, files: [first, second])
            let comment = try await place.site.write(.comment)
            try await place.site.attach(second, to: .comment, comment)
            try await place.untilIdle()
            try await place.expectAllInOrder()
        }
    }
}

/// As a service manager stops it: SIGTERM, and a good end.
@discardableResult
func stop(_ daemon: Program) async throws -> Program.Result {
    daemon.signal(15)
    let result = await daemon.result()
    #expect(result.status == 0, "\(result.errors)")
    return result
}
