package io.consoul.acceptance.ledger;

import java.util.ArrayList;
import java.util.List;

/** What a run has shown: a line of figures, and what was wrong. */
public record LedgerReport(String summary, int acknowledged, int mishaps, List<String> problems) {

  static LedgerReport of(LedgerPlan plan, Ledger ledger, Nemesis nemesis, LedgerCheck check) {
    var outcomes = LedgerCheck.outcomes(ledger.entries());
    int acknowledged = outcomes.getOrDefault(LedgerEntry.Outcome.ACKNOWLEDGED, 0);
    String summary = String.format(
        "ledger %s, seed %d: %d turns acknowledged, %d cut off as told, %d unknown, %d refused,"
            + " %d stored as cut off;"
            + " %d kills of nodes, %d kills of Redis, %d pauses of nodes, %d pauses of Redis,"
            + " %d cuts; %d lost, %d duplicated, %d reordered, %d other problems",
        plan.name(),
        plan.seed(),
        acknowledged,
        outcomes.getOrDefault(LedgerEntry.Outcome.CUT_OFF, 0),
        outcomes.getOrDefault(LedgerEntry.Outcome.UNKNOWN, 0),
        outcomes.getOrDefault(LedgerEntry.Outcome.REFUSED, 0),
        check.interrupted(),
        nemesis.count(Mishap.KILL_NODE),
        nemesis.count(Mishap.KILL_REDIS),
        nemesis.count(Mishap.PAUSE_NODE),
        nemesis.count(Mishap.PAUSE_REDIS),
        nemesis.count(Mishap.CUT_REDIS),
        check.lost().size(),
        check.duplicated().size(),
        check.reordered().size(),
        check.others().size() + ledger.problems().size());
    List<String> problems = new ArrayList<>();
    check.lost().forEach(problem -> problems.add("lost: " + problem));
    check.duplicated().forEach(problem -> problems.add("duplicated: " + problem));
    check.reordered().forEach(problem -> problems.add("reordered: " + problem));
    check.others().forEach(problem -> problems.add("other: " + problem));
    ledger.problems().forEach(problem -> problems.add("client: " + problem));
    return new LedgerReport(summary, acknowledged, nemesis.diary().size(), problems);
  }
}
