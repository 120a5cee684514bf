import MediaWire
import Testing

/// What a job may take follows from what the film holds, and stays within what is configured.
@Suite struct JobLimitsTests {
    private let profile = Profile()

    @Test func memoryFollowsThePicture() {
        let sizes = [0, 1920 * 1080, 3840 * 2160, 36_000_000].map {
            JobLimits(pixels: $0, duration: 10, threads: 2, profile: profile).memory >> 20
        }
        #expect(sizes == sizes.sorted() && sizes[0] == 1024, "browsers record films that begin small")
        // Measured at two threads: 95 … 460 MB for 1080p, 440 … 640 for 4K, up to 1,770 for 36 megapixels.
        #expect(sizes[1] > 2 * 460 && sizes[2] > 2 * 640 && sizes[3] > 2 * 1770)
        #expect(sizes[3] == profile.limits.memory >> 20, "and no more than is allowed")
    }

    @Test func moreThreadsMayTakeMore() {
        let one = JobLimits(pixels: 3840 * 2160, duration: 10, threads: 1, profile: profile)
        let eight = JobLimits(pixels: 3840 * 2160, duration: 10, threads: 8, profile: profile)
        #expect(eight.memory > one.memory && eight.processorSeconds > one.processorSeconds)
        #expect(eight.time == one.time)
        // Measured: up to 34 where each codec has eight.
        #expect(one.threads < eight.threads && eight.threads > 2 * 34)
    }

    @Test func timeFollowsTheDuration() {
        func time(_ duration: Double?) -> Duration {
            JobLimits(pixels: 0, duration: duration, threads: 1, profile: profile).time
        }
        #expect(time(0) == .seconds(600))
        #expect(time(10) == .seconds(1200))
        #expect(time(1000) == .seconds(43_200), "and no file holds a worker for longer than half a day")
        #expect(time(nil) == time(profile.limits.duration))
        #expect(time(1e12) == time(profile.limits.duration), "a promise is believed as far as it is allowed")
        #expect(time(-5) == .seconds(600))
    }

    @Test(arguments: [Int.max, Int.min, -1]) func sizesThatMakeNoSenseHarmNothing(side: Int) {
        var info = MediaInfo()
        var stream = StreamInfo()
        var picture = VideoInfo()
        (picture.width, picture.height) = (side, side)
        stream.picture = picture
        info.streams = [stream]
        info.duration = side
        let limits = JobLimits(info, threads: 2, profile: profile)
        #expect(limits.memory > 0 && limits.memory <= profile.limits.memory)
        #expect(limits.time >= .seconds(600))
    }
}
