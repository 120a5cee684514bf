import Foundation
import Glibc
import Jobs
import MediaWire
import Synchronization
import Testing
import TestSupport
import Verdicts
@testable import MediaProcess
@testable import Platform
@testable import WorkerConfiguration

/// Whatever a child does, its job ends with a verdict, and nothing of the child is left.
@Suite struct MediaChildTests {
    func verdict(_ script: String, task: MediaRequest.Task = .probe, stall: Duration? = .seconds(60)) async throws
        -> Verdict
    {
        let child = try await FakeChild.start(FakeChild.readRequest + script)
        let pid = child.pid
        let error = await #expect(throws: Verdict.self) { try await child.answer(task, stall: stall) }
        #expect(isGone(pid), "the process is reaped when perform returns")
        return try #require(error)
    }

    /// No process, no zombie.
    func isGone(_ pid: pid_t) -> Bool {
        kill(pid, 0) == -1 && errno == ESRCH
    }

    @Test func aResultIsTaken() async throws {
        var info = MediaInfo()
        info.container = "mov"
        let script = try FakeChild.send(.probed(info)) + FakeChild.send(.finished(nil))
        let answer = try await FakeChild.start(FakeChild.readRequest + script).answer()
        #expect(answer.info?.container == "mov")
        #expect(answer.exit?.cause == .status(0))
    }

    @Test func progressComesInOrderAndSaysWhetherItGrew() async throws {
        let steps = [(1, true), (2, true), (2, false), (1, false), (3, true)]
        var script = FakeChild.readRequest
        for (frames, _) in steps { script += try FakeChild.send(FakeChild.progress(frames: frames)) }
        script += try FakeChild.result(MediaOutcome())
        let grown = Mutex<[Bool]>([])
        let child = try await FakeChild.start(script)
        _ = try await child.answer(.transcode) { message, hasGrown in
            if case .progress = message { grown.withLock { $0.append(hasGrown) } }
        }
        #expect(grown.withLock { $0 } == steps.map { $0.1 })
    }

    @Test func itsOwnVerdictIsTheJobs() async throws {
        let failure = Verdict(.noAudioOrVideo, detail: "2 streams")
        let verdict = try await verdict(try FakeChild.send(.failed(failure)))
        #expect(verdict.code == .noAudioVideo)
        #expect(verdict.reason == failure.reason)
        #expect(verdict.detail == "2 streams")
    }

    @Test(arguments: [("SEGV", "SIGSEGV"), ("ABRT", "SIGABRT"), ("BUS", "SIGBUS")])
    func aCrashIsACrash(signal: String, name: String) async throws {
        let verdict = try await verdict("ulimit -c 0; echo the last words >&2; kill -\(signal) $$")
        #expect(verdict.code == .crashed)
        #expect(verdict.reason.contains(name))
        #expect(verdict.detail.contains("the last words"))
        #expect(verdict.isTransient)
    }

    @Test func aKernelLimitIsNamed() async throws {
        #expect(try await verdict("kill -XCPU $$").code == .timeLimit)
        #expect(try await verdict("kill -XFSZ $$").code == .overOutputSize)
        #expect(try await verdict("kill -SYS $$").code == .forbiddenCall)
    }

    /// Whoever kills it, it is nothing that the file did: it cannot do so itself.
    @Test func aChildThatIsKilledFromOutsideIsTheHostsFault() async throws {
        let verdict = try await verdict("kill -KILL $$")
        #expect(verdict.code == .hostFault && !verdict.code.countsAsTry)
        var exit = ChildExit(cause: .signal(SIGKILL), isByUs: false, wasMemoryShort: true, processorSeconds: 1, peakMemory: 1 << 40)
        #expect(end(exit) == .outOfMemory, "and not the file's memory limit")
        #expect(!Verdict.Code.outOfMemory.countsAsTry)
        exit = ChildExit(cause: .signal(SIGKILL), isByUs: false, wasMemoryShort: false, processorSeconds: 1e9, peakMemory: 0)
        #expect(end(exit) == .timeLimit, "the kernel's second word, to whoever did not hear the first")
    }

    private func end(_ exit: ChildExit) -> Verdict.Code? {
        var report = SandboxReport()
        (report.landlock, report.hasSeccomp) = (7, true)
        var dialogue = ChildProtocol(MediaRequest(), needsSandbox: true)
        do throws(Verdict) {
            _ = try dialogue.accept(.ready(report))
            _ = try dialogue.answer(exit: exit, killedFor: nil, errors: "")
            return nil
        } catch {
            return error.code
        }
    }

    /// What is wrong before the child has seen the file is not the file's fault.
    @Test(arguments: ["exit 0", "kill -SEGV $$", "exec sleep 1000", "exec 3>&-; exec sleep 1000"])
    func aChildThatIsNeverReadyIsTheHostsFault(script: String) async throws {
        let child = try await FakeChild.start("echo the last words >&2; " + script)
        let error = await #expect(throws: Verdict.self) { try await child.answer(stall: .milliseconds(300)) }
        #expect(error?.code == .hostFault || script.hasPrefix("exec 3"))
        #expect(error?.detail.contains("the last words") == true)
    }

    /// Whoever lacks a layer gets no file, nor whoever speaks before it is locked in.
    @Test func onlyAChildThatIsLockedInIsAsked() async throws {
        var report = SandboxReport()
        report.hasSeccomp = true
        let script = try FakeChild.send(.ready(report)) + "dd bs=65536 count=1 <&3 2>/dev/null | wc -c >&2; exit 1"
        let error = await #expect(throws: Verdict.self) { try await FakeChild.start(script).answer() }
        #expect(error?.code == .hostFault && error?.detail.contains("landlock") == true)
        let launcher = try MediaChildLauncher(program: "/bin/sh", arguments: ["-c", script], sandbox: .bestEffort)
        let asked = await #expect(throws: Verdict.self) { try await launcher.start().answer() }
        #expect(asked?.code == .crashed)

        let hasty = try FakeChild.send(.finished(nil)) + FakeChild.readRequest
        let second = await #expect(throws: Verdict.self) { try await FakeChild.start(hasty).answer() }
        #expect(second?.code == .protocolError)
        let twice = await #expect(throws: Verdict.self) {
            try await FakeChild.start(FakeChild.readRequest + FakeChild.sayReady).answer()
        }
        #expect(twice?.code == .protocolError)
    }

    /// What it has to work with is told to whoever greets it, and once.
    @Test func equipmentIsTheAnswerToAGreeting() async throws {
        let equipped = try FakeChild.send(.equipped(CapabilitiesReport())), finished = try FakeChild.send(.finished(nil))
        let answer = try await FakeChild.start(FakeChild.readRequest + equipped + finished).answer(.handshake)
        #expect(answer.equipment == CapabilitiesReport())
        for script in [finished, equipped + equipped + finished] {
            let error = await #expect(throws: Verdict.self) { try await FakeChild.start(FakeChild.readRequest + script).answer(.handshake) }
            #expect(error?.code == .protocolError)
        }
        let unasked = await #expect(throws: Verdict.self) { try await FakeChild.start(FakeChild.readRequest + equipped).answer(.probe) }
        #expect(unasked?.code == .protocolError)
    }

    /// Each of them serves one job, and none is left when they are not wanted any more.
    @Test func readyChildrenAreThereBeforeTheyAreNeeded() async throws {
        let place = TemporaryFolder()
        let program = place.path + "/readychild"
        try Data("#!/bin/sh\n\(FakeChild.readRequest)exit 1\n".utf8).write(to: URL(filePath: program))
        chmod(program, 0o755)
        let launcher = try MediaChildLauncher(program: program, ready: 2)
        var served: Set<pid_t> = []
        for _ in 0..<5 {
            try await until("two are there") { try children(named: "readychild").count == 2 }
            let ready = try children(named: "readychild")
            let child = try await launcher.start()
            #expect(ready.contains(child.pid) && served.insert(child.pid).inserted)
            let end = await #expect(throws: Verdict.self) { try await child.answer() }
            #expect(end?.code == .crashed)
        }
        launcher.keep(ready: 0)
        try await until("none is left") { try children(named: "readychild").isEmpty }
    }

    /// Nobody waits for a zombie, and no file pays for the death of a child that never saw it.
    @Test func aChildThatDiesOnTheShelfIsReplaced() async throws {
        let script = FakeChild.sayReady + "exec dd bs=1 count=1 <&3"
        let launcher = try MediaChildLauncher(program: "/bin/sh", arguments: ["-c", script], ready: 1)
        try await until("one is there") { try children(named: "dd").count == 1 }
        let first = try #require(try children(named: "dd").first)
        kill(first, SIGKILL)
        try await until("another takes its place") {
            launcher.tend()
            return try children(named: "dd").count == 1 && children(named: "dd") != [first]
        }
        #expect(isGone(first))

        let second = try await launcher.start()
        launcher.keep(ready: 0)
        kill(second.pid, SIGKILL)
        try await until("it is dead") { second.hasEnded }
        let verdict = await #expect(throws: Verdict.self) { try await second.answer() }
        #expect(verdict?.code == .hostFault && verdict?.code.countsAsTry == false)
    }

    /// A result that comes out of nothing is none.
    @Test func theOrderOfMessagesIsHeld() async throws {
        let probed = try FakeChild.send(.probed(MediaInfo())), planned = try FakeChild.send(.planned(PlanReport()))
        let outcome = try FakeChild.send(.finished(MediaOutcome()))
        for script in [outcome, probed + outcome, planned + outcome, planned + probed + outcome] {
            #expect(try await verdict(script, task: .transcode).code == .protocolError)
        }
        #expect(try await verdict(planned, task: .plan).code == .protocolError)
        let child = try await FakeChild.start(FakeChild.readRequest + probed + planned + outcome)
        #expect(try await child.answer(.transcode).outcome != nil)
    }

    /// Processes of ours by name, zombies too.
    private func children(named name: String) throws -> Set<pid_t> {
        let me = getpid()
        return Set(try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(pid_t.init).filter { pid in
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
            return stat.contains("(\(name))") && stat.split(separator: " ").dropFirst(3).first == "\(me)"
        })
    }

    @Test func anEndWithoutAResultIsACrash() async throws {
        let verdict = try await verdict("exit 0")
        #expect(verdict.code == .crashed)
        #expect(try await self.verdict("exit 3").detail.contains("exit status 3"))
    }

    @Test func aCrashAfterTheResultSpoilsIt() async throws {
        let script = try FakeChild.result(MediaOutcome()) + "kill -SEGV $$"
        #expect(try await verdict(script, task: .transcode).code == .crashed)
    }

    @Test(arguments: ["printf garbage >&3; exec sleep 1000", "printf '\\005\\377\\377\\377\\377' >&3; exec sleep 1000"])
    func garbageEndsTheChild(script: String) async throws {
        #expect(try await verdict(script).code == .protocolError)
    }

    @Test func aFloodEndsTheChild() async throws {
        let message = try FakeChild.send(FakeChild.progress(frames: 1))
        #expect(try await verdict("while :; do \(message) done", task: .transcode).code == .protocolError)
    }

    @Test func aFloodOfWordsHarmsNothing() async throws {
        let verdict = try await verdict("yes 'all work and no play' 2>/dev/null | head -c 3000000 >&2; exit 1")
        #expect(verdict.code == .crashed)
        #expect(verdict.detail.count <= ErrorPipe.limit + 100)
    }

    @Test func aResultThatWasNotAskedForIsRefused() async throws {
        let message = try FakeChild.send(.finished(MediaOutcome()))
        #expect(try await verdict(message, task: .probe).code == .protocolError)
        #expect(try await verdict(try FakeChild.send(.finished(nil)), task: .transcode).code == .protocolError)
        #expect(try await verdict(try FakeChild.send(.finished(nil)), task: .probe).code == .protocolError)
        #expect(try await verdict(try FakeChild.send(.planned(PlanReport()))).code == .protocolError)
    }

    @Test func aClosedConnectionIsNoWayToLiveOn() async throws {
        let verdict = try await verdict("exec 3>&- 3<&-; exec sleep 1000")
        #expect(verdict.code == .protocolError)
    }

    @Test func aStandstillIsStopped() async throws {
        let message = try FakeChild.send(FakeChild.progress(frames: 1))
        let verdict = try await verdict(message + "exec sleep 1000", task: .transcode, stall: .milliseconds(200))
        #expect(verdict.code == .stalled)
        #expect(verdict.isTransient)
    }

    /// Slow is not endless: what goes on and on is ended by the clock.
    @Test func overTimeIsStopped() async throws {
        let steps = (1...200).map { FakeChild.progress(frames: $0) }
        var request = MediaRequest()
        request.task = .transcode
        request.profile.limits.timeFloor = 0.3
        let asked = request
        let script = FakeChild.readRequest + (try steps.map { try FakeChild.send($0) + "sleep 0.02; " }.joined())
        let child = try await FakeChild.start(script)
        let error = await #expect(throws: Verdict.self) {
            try await BlockingThread().run { try child.perform(asked, descriptors: [], stall: .seconds(60)) }
        }
        #expect(error?.code == .timeLimit)
        #expect(isGone(child.pid))
    }

    /// They need next to no memory, and a daemon needs some for itself.
    @Test(arguments: [nil, MediaMessage.failed(Verdict(.notConvertible))])
    func aChildOfManyThreadsIsStopped(lastWord: MediaMessage?) async throws {
        let program = MissingLayerTests.built("sandbox-attempts")
        let script = try (lastWord.map(FakeChild.send) ?? "") + "exec '\(program)' threads 300"
        let verdict = try await verdict(script, task: .transcode, stall: .seconds(10))
        #expect(verdict.code == .forbiddenCall)
        #expect(verdict.detail.contains("threads; at most"), "\(verdict.detail)")
    }

    /// Whatever it calls itself.
    @Test func threadsAreCountedBehindTheName() throws {
        let place = TemporaryFolder()
        let program = place.path + "/a) S 1 2) 3 4"
        try FileManager.default.createSymbolicLink(atPath: program, withDestinationPath: "/bin/sleep")
        let process = try ChildProcess(program: program, arguments: ["1000"], descriptors: [])
        #expect(process.usage?.threads == 1)
        process.kill()
        _ = process.reap()
        #expect(process.usage?.threads == nil)
    }

    @Test func repeatingOneselfIsAStandstill() async throws {
        let message = try FakeChild.send(FakeChild.progress(frames: 1))
        let verdict = try await verdict(
            "while :; do \(message) sleep 0.02; done", task: .transcode, stall: .milliseconds(300))
        #expect(verdict.code == .stalled)
    }

    @Test func aKilledChildGivesTheReasonItWasKilledFor() async throws {
        let child = try await FakeChild.start(
            FakeChild.readRequest + FakeChild.send(FakeChild.progress(frames: 1)) + "exec sleep 1000")
        let drained = Verdict(.drained)
        let error = await #expect(throws: Verdict.self) {
            try await child.answer(.transcode) { _, _ in child.kill(drained) }
        }
        #expect(error?.code == .drained)
        #expect(isGone(child.pid))
    }

    @Test func whatTheChildStartedGoesWithIt() async throws {
        // A process of the child's holds the socket open after the child's end.
        let child = try await FakeChild.start(FakeChild.readRequest + "sleep 1000 & echo $! >&2; exit 1")
        let error = await #expect(throws: Verdict.self) { try await child.answer() }
        let words = try #require(error).detail.split(separator: "\n")
        let grandchild = try #require(words.last.flatMap { pid_t($0) })
        // It is nobody's child by now: init reaps it in its own time, but it runs no more.
        #expect(eventually { isGone(grandchild) || state(grandchild) == "Z" })
    }

    @Test func aChildThatWasNeverAskedIsEnded() async throws {
        let pid = try await FakeChild.start("exec sleep 1000").pid
        // The thread that started it may hold the last reference for a moment longer than we do.
        #expect(eventually { isGone(pid) })
    }

    @Test func noDescriptorIsLeft() async throws {
        for _ in 0..<5 { _ = try await verdict("exit 1") }
        let before = openDescriptors()
        for _ in 0..<60 { _ = try await verdict("exit 1") }
        // Other tests run beside this one: sixty leaking children would show as 180 and more.
        #expect(openDescriptors() < before + 60)
    }

    @Test func itsEnvironmentAndDescriptorsAreItsOwn() async throws {
        let verdict = try await verdict("cd /proc/$$/fd; echo * >&2; cat /proc/$$/environ >&2; exit 1")
        let lines = verdict.detail.split(separator: "\n").dropFirst()
        // The shell reads the folder through one more; the environment file is empty.
        let numbers = lines.first.map { $0.split(separator: " ").compactMap { Int($0) } } ?? []
        #expect(Array(numbers.prefix(4)) == [0, 1, 2, 3])
        #expect(numbers.allSatisfy { $0 <= 4 || $0 >= 10 })
        #expect(lines.count == 1)
    }

    @Test func aProgramThatIsNotThereIsNamed() async throws {
        let launcher = try MediaChildLauncher(program: "/nowhere/transcoder-media")
        let error = await #expect(throws: ChildError.self) { try await launcher.start() }
        #expect("\(try #require(error))".contains("/nowhere/transcoder-media"))
    }

    /// A signal takes effect in the kernel's own time.
    private func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<1000 {
            if condition() { return true }
            poll(nil, 0, 10)
        }
        return false
    }

    private func state(_ pid: pid_t) -> String? {
        guard let file = fopen("/proc/\(pid)/stat", "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return text.split(separator: ")").last.flatMap { $0.split(separator: " ").first.map(String.init) }
    }

    private func openDescriptors() -> Int {
        (0..<4096).count { fcntl(CInt($0), F_GETFD) >= 0 }
    }
}
