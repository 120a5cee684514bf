internal import Verdicts

/// A text of the dashboard. Values stand in braces: `{count}`. Each language's file has all of them, or does not compile.
///
/// A new text: a case here, and a line in each language's file. In HTML it is `{{name}}`, in a script `t("name", { count: 3 })`.
enum DashboardText: String, CaseIterable, Sendable {
    case overview, noScript, running, lastDay, done, failed, showTable, hour, queue, recentFiles, filterFiles, all
    case seconds, minutes, hours, days, waiting, doneInDay, failedInDay, freeSpace, oldest, countRetrying, runningOf
    case realTime, onAllWorkers, sinceStartup, ofAll, reserved, stateStarting, stateRunning, stateStopping, stateStopped
    case databaseUnreachable, noAnswer, databaseNotice, silenceNotice, nothingRuns, timeLeft, progressOf, attempt
    case phaseStarting, phaseProbing, phaseTranscoding, phaseFinishing, phaseVerifying, phasePublishing, waitingFor
    case andMore, andOrMore, attemptIn, attemptNow, queueIsEmpty, barDone, barFailed, daySum, now, noMatch, noneYet, ago
    case tookSpan, siteOnHost, about, none, titleRunning, titleIdle, badgeDone, badgeFailed, retry, retryNow, cancel
    case confirmCancel, copyCommand, copied, copyByHand, post, comment, cause, back, fileTitle, play, notPlayed
    case openMedia, story, state, waitingState, runningState, doneState, failedState, cancelledState, unknownState
    case attempts, losses, reason, refusal, heldBy, startedAt, endedAt, nextAt, format, playedFile, originalFile
    case posterFile, command, noSuchFile, actionFailed, actionDone

    func text(in language: Language) -> String {
        switch language {
        case .english: DashboardEnglish.text(self)
        case .simplifiedChinese: DashboardSimplifiedChinese.text(self)
        case .traditionalChinese: DashboardTraditionalChinese.text(self)
        }
    }
}
