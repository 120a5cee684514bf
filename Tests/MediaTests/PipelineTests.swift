import Foundation
import MediaWire
import Synchronization
import Testing

@testable import Media

@Suite struct PipelineTests {
    struct Failure: Error, Equatable { let stage: Int }

    /// Hands on what comes, and fails at a number.
    final class Step: Stage {
        private let index: Int
        private let failing: Int?
        private let output: StageQueue<Int>

        init(_ index: Int, failing: Int? = nil, into output: StageQueue<Int>) {
            self.index = index
            self.failing = failing
            self.output = output
        }

        func feed(_ input: Int) throws {
            if input == failing { throw Failure(stage: index) }
            try output.put(input)
        }

        func finish() throws { output.finish() }
    }

    /// All arrives, in order, through queues that are much smaller; and the end after it.
    @Test func allArrivesInOrder() throws {
        let pipeline = Pipeline()
        let (first, second, third) = (pipeline.queue(of: Int.self, capacity: 2), pipeline.queue(of: Int.self, capacity: 1), pipeline.queue(of: Int.self, capacity: 3))
        try pipeline.run("test") {
            for number in 0..<10_000 { try first.put(number) }
            first.finish()
        }
        try pipeline.run("test", Step(1, into: second), from: first)
        try pipeline.run("test", Step(2, into: third), from: second)
        var arrived: [Int] = []
        while let number = try third.take() { arrived.append(number) }
        try pipeline.join()
        #expect(arrived == Array(0..<10_000))
    }

    /// Whichever stage fails, those before it, which wait for room, and those behind it, which wait for work, end; and it
    /// is its error that is told.
    @Test(arguments: 1...3) func aFailureEndsAll(_ failing: Int) throws {
        let pipeline = Pipeline()
        let queues = (0..<4).map { _ in pipeline.queue(of: Int.self, capacity: 1) }
        try pipeline.run("test") { while true { try queues[0].put(7) } }
        for stage in 1...3 {
            try pipeline.run("test", Step(stage, failing: stage == failing ? 7 : nil, into: queues[stage]), from: queues[stage - 1])
        }
        #expect(throws: PipelineStop.self) { while try queues[3].take() != nil {} }
        #expect(throws: Failure(stage: failing)) { try pipeline.join() }
    }

    /// A queue holds what it may, and no more: whoever puts more in waits.
    @Test func aQueueIsBounded() throws {
        let pipeline = Pipeline()
        let queue = pipeline.queue(of: Int.self, capacity: 10)
        let begun = Atomic(0)
        let taken = Atomic(0)
        let most = Atomic(0)
        try pipeline.run("test") {
            for number in 0..<100 {
                try queue.put(number, weight: 5)
                begun.wrappingAdd(1, ordering: .sequentiallyConsistent)
                most.max(begun.load(ordering: .sequentiallyConsistent) - taken.load(ordering: .sequentiallyConsistent), ordering: .relaxed)
            }
            queue.finish()
        }
        while try queue.take() != nil { taken.wrappingAdd(1, ordering: .sequentiallyConsistent) }
        try pipeline.join()
        // Two lie in it, and one may have been taken and not counted yet.
        #expect(most.load(ordering: .relaxed) <= 3)
    }

    /// However the threads take turns, the same source gives the same file.
    @Test func sameSourceSameFile() throws {
        let source = try GeneratedMedia.make(
            "s.mkv", "\(Lavfi.test("640x360", seconds: 5)) \(Lavfi.tone(seconds: 3)) -c:v mpeg4 -c:a flac")
        let files = try (0..<4).map { _ in
            let run = try MediaRun()(source)
            _ = try #require(run.outcome, "\(String(describing: run.failure))")
            return try Data(contentsOf: run.output)
        }
        #expect(Set(files).count == 1)
    }

    /// Whoever comes after the end finds it, and waits for nobody.
    @Test func aQueueThatIsMadeAfterTheStopIsStopped() throws {
        let pipeline = Pipeline()
        pipeline.stop(Failure(stage: 1))
        let queue = pipeline.queue(of: Int.self, capacity: 1)
        #expect(throws: PipelineStop.self) { try queue.put(1) }
        #expect(throws: PipelineStop.self) { try queue.take() }
    }
}
