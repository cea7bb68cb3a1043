package io.consoul.acceptance.ledger;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Holds what is stored against what was acknowledged. */
final class LedgerCheck {

  /** What the echo model says before what it was told. */
  private static final String INTRODUCTION =
      "This is Consoul's echo model, there is no language model behind it. You said: ";

  private final Map<String, LedgerEntry> byText;
  private final Set<String> storedTexts = new HashSet<>();
  private final Set<String> storedTurns = new HashSet<>();
  private final List<String> lost = new ArrayList<>();
  private final List<String> duplicated = new ArrayList<>();
  private final List<String> reordered = new ArrayList<>();
  private final List<String> others = new ArrayList<>();
  private int interrupted;

  private LedgerCheck(List<LedgerEntry> entries) {
    byText = entries.stream().collect(toMap(LedgerEntry::text, entry -> entry));
  }

  /** @param stored each session's messages, the oldest first, as the API has them */
  static LedgerCheck of(List<LedgerEntry> entries, Map<String, List<JsonObject>> stored) {
    LedgerCheck check = new LedgerCheck(entries);
    new TreeSet<>(stored.keySet()).forEach(session -> check.session(session, stored.get(session)));
    Map<String, List<LedgerEntry>> acknowledged = entries.stream()
        .filter(LedgerEntry::isSaidToBeStored)
        .collect(groupingBy(LedgerEntry::session));
    acknowledged.forEach((session, turns) -> turns.stream()
        .filter(entry -> !check.storedTexts.contains(entry.text()))
        .filter(entry -> !check.leftNoTrace(entry))
        .forEach(entry -> check.lost.add(session + ": nothing of " + entry)));
    return check;
  }

  /** Acknowledged turns that are not there, or not with the answer that was acknowledged. */
  List<String> lost() {
    return lost;
  }

  List<String> duplicated() {
    return duplicated;
  }

  /** Turns that stand before others which had ended before they began. */
  List<String> reordered() {
    return reordered;
  }

  /** Whatever else should not be there. */
  List<String> others() {
    return others;
  }

  /** Stored turns that are marked as cut off. */
  int interrupted() {
    return interrupted;
  }

  private void session(String session, List<JsonObject> messages) {
    if (messages.size() % 2 != 0) {
      others.add(session + " has " + messages.size() + " messages");
    }
    LedgerEntry latest = null;
    for (int i = 0; i + 1 < messages.size(); i += 2) {
      LedgerEntry entry = turn(session, i / 2, messages.get(i), messages.get(i + 1));
      if (entry == null || entry.outcome() != LedgerEntry.Outcome.ACKNOWLEDGED) {
        continue;
      }
      if (latest != null && entry.ended() < latest.invoked()) {
        reordered.add(session + ": " + entry + " stands behind " + latest);
      }
      latest = latest == null || entry.invoked() > latest.invoked() ? entry : latest;
    }
  }

  private LedgerEntry turn(String session, int position, JsonObject user, JsonObject answer) {
    String where = session + " turn " + position + ": ";
    String text = user.getString("content");
    String said = answer.getString("content");
    String finish = answer.getString("finish_reason");
    boolean cut = "interrupted".equals(finish) || "cancelled".equals(finish);
    interrupted += cut ? 1 : 0;
    if (!"user".equals(user.getString("role")) || !"assistant".equals(answer.getString("role"))) {
      others.add(where + "not a message and its answer: " + user + " " + answer);
    }
    String turn = answer.getString("turn_id");
    if (!turn.equals(user.getString("turn_id"))) {
      others.add(where + "message and answer are of two turns: " + user + " " + answer);
    }
    String whole = INTRODUCTION + text;
    if (cut ? !whole.startsWith(said) || said.isEmpty() : !whole.equals(said)) {
      others.add(where + "the answer is not that of the message: " + user + " " + answer);
    }
    if (!storedTexts.add(text) || !storedTurns.add(turn)) {
      duplicated.add(where + user + " " + answer);
    }
    LedgerEntry entry = byText.get(text);
    if (entry == null || !entry.session().equals(session)) {
      others.add(where + "nobody has sent it here: " + user);
      return null;
    }
    compare(where, entry, turn, said, cut);
    return entry;
  }

  private void compare(String where, LedgerEntry entry, String turn, String said, boolean cut) {
    switch (entry.outcome()) {
      case ACKNOWLEDGED:
        if (!said.equals(entry.answer()) || !turn.equals(entry.turn())) {
          lost.add(where + "acknowledged was " + entry + ", stored is " + turn + " " + said);
        }
        break;
      case CUT_OFF:
        if (!cut) {
          others.add(where + "was said to be cut off and is not: " + entry);
        }
        break;
      case REFUSED:
        if (!cut) {
          others.add(where + "was refused and is stored: " + entry);
        }
        break;
      case UNKNOWN:
        break;
    }
  }

  /** A turn that was cancelled before its first word is acknowledged as just that. */
  private boolean leftNoTrace(LedgerEntry entry) {
    return "cancelled".equals(entry.finishReason()) && "".equals(entry.answer());
  }

  /** How often each outcome was noted. */
  static Map<LedgerEntry.Outcome, Integer> outcomes(List<LedgerEntry> entries) {
    Map<LedgerEntry.Outcome, Integer> counts = new HashMap<>();
    entries.forEach(entry -> counts.merge(entry.outcome(), 1, Integer::sum));
    return counts;
  }
}
