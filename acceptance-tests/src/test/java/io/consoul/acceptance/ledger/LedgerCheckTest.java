package io.consoul.acceptance.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The check of a ledger against the store")
class LedgerCheckTest {

  private static final String ECHO =
      "This is Consoul's echo model, there is no language model behind it. You said: ";

  private final List<LedgerEntry> entries = new ArrayList<>();
  private final List<JsonObject> stored = new ArrayList<>();

  @Test
  @DisplayName("is content with every acknowledged turn once, and with unknown ones there or not")
  void content() {
    acknowledged("one", 0, 10);
    note("two", LedgerEntry.Outcome.UNKNOWN, 11, 20);
    note("three", LedgerEntry.Outcome.UNKNOWN, 21, 30);
    store("one");
    store("three");

    LedgerCheck check = check();

    assertThat(check.lost()).isEmpty();
    assertThat(check.duplicated()).isEmpty();
    assertThat(check.reordered()).isEmpty();
    assertThat(check.others()).isEmpty();
  }

  @Test
  @DisplayName("finds an acknowledged turn that is missing, and one whose answer is another")
  void lost() {
    acknowledged("one", 0, 10);
    acknowledged("two", 11, 20);
    store("two", ECHO + "tw", "interrupted");

    assertThat(check().lost()).hasSize(2);
  }

  @Test
  @DisplayName("finds a turn that is there twice")
  void duplicated() {
    acknowledged("one", 0, 10);
    store("one");
    store("one");

    assertThat(check().duplicated()).hasSize(1);
  }

  @Test
  @DisplayName("finds a turn that stands before one which had ended when it began")
  void reordered() {
    acknowledged("one", 0, 10);
    acknowledged("two", 11, 20);
    acknowledged("beside both", 5, 25);
    store("two");
    store("beside both");
    store("one");

    assertThat(check().reordered()).hasSize(1);
  }

  @Test
  @DisplayName("finds turns that overlap, that nobody sent, and that were refused")
  void others() {
    acknowledged("one", 0, 10);
    acknowledged("two", 0, 10);
    note("three", LedgerEntry.Outcome.REFUSED, 11, 20);
    store("one");
    store("two");
    stored.add(1, stored.remove(2));
    assertThat(check().others()).isNotEmpty();

    stored.clear();
    store("one");
    store("two");
    store("of a stranger");
    store("three");
    assertThat(check().others()).hasSize(2);
  }

  private LedgerCheck check() {
    return LedgerCheck.of(entries, Map.of("s", stored));
  }

  private void acknowledged(String text, long invoked, long ended) {
    note(text, LedgerEntry.Outcome.ACKNOWLEDGED, invoked, ended);
  }

  private void note(String text, LedgerEntry.Outcome outcome, long invoked, long ended) {
    entries.add(new LedgerEntry(
        0, "s", text, null, invoked, ended, outcome, "t-" + text, ECHO + text, "stop", 1, ""));
  }

  private void store(String text) {
    store(text, ECHO + text, "stop");
  }

  private void store(String text, String answer, String finishReason) {
    stored.add(
        new JsonObject().put("role", "user").put("content", text).put("turn_id", "t-" + text));
    stored.add(new JsonObject()
        .put("role", "assistant")
        .put("content", answer)
        .put("turn_id", "t-" + text)
        .put("finish_reason", finishReason));
  }
}
