package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.FinishReason;
import io.consoul.message.SealTurn;
import io.consoul.message.TokenCounter;
import io.consoul.message.Usage;
import io.consoul.testkit.LoggedBy;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every store does with turns. */
abstract class TurnContract extends StoreContract {

  @Test
  @DisplayName("gives the history of a session to its next turn, with the new message last")
  void history() {
    fixture.say("s", "one", "eins");

    var granted = fixture.granted(fixture.turn("s", "two"));

    assertThat(granted.history())
        .containsExactly(
            ChatMessage.user("one"), ChatMessage.assistant("eins"), ChatMessage.user("two"));
    assertThat(granted.model()).isEqualTo("provider-1/model-1");
  }

  @Test
  @DisplayName("lets one turn of a session run at a time, and turns of other sessions beside it")
  void oneAtATime() {
    BeginTurn first = fixture.turn("s", "one");
    var lease = fixture.granted(first).lease();

    assertThat(fixture.begin(fixture.turn("s", "two"))).isInstanceOf(SessionStore.Begun.Busy.class);
    assertThat(fixture.begin(fixture.turn("t", "x")))
        .isInstanceOf(SessionStore.Begun.Granted.class);

    fixture.seal(first, lease, "eins");
    assertThat(fixture.begin(fixture.turn("s", "two")))
        .isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("knows a turn that begins again, while it is pending and after its seal")
  void repeatedBegin() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();

    assertThat(fixture.begin(turn))
        .isEqualTo(new SessionStore.Known.Pending(
            turn.turn(), lease.fence(), "provider", turn.listener()));
    fixture.seal(turn, lease, "eins");
    assertThat(fixture.begin(turn)).isEqualTo(new SessionStore.Known.Ended(fixture.replayed(turn)));
    assertThat(fixture.replayed(turn).text()).isEqualTo("eins");
    assertThat(fixture.history("s")).containsExactly("user one", "assistant eins");
  }

  @Test
  @DisplayName("gives a repeated seal the answer of the first, and stores it once")
  void repeatedSeal() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    Instant first = fixture.seal(turn, lease, "eins");
    fixture.pass(Duration.ofMillis(20));

    assertThat(fixture.seal(turn, lease, "eins")).isEqualTo(first);
    assertThat(fixture.history("s")).hasSize(2);
  }

  @Test
  @DisplayName("keeps no trace of a turn that was aborted, nor of a session that only it had made")
  void noTrace() {
    BeginTurn only = fixture.turn("new", "one");
    fixture.abort(only, fixture.granted(only).lease());
    assertThat(fixture.exists("new")).isFalse();

    fixture.say("old", "one", "eins");
    BeginTurn second = fixture.turn("old", "two");
    fixture.abort(second, fixture.granted(second).lease());
    assertThat(fixture.history("old")).containsExactly("user one", "assistant eins");
    assertThat(fixture.begin(fixture.turn("old", "three")))
        .isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("refuses whoever does not hold the lease")
  void fencedOut() {
    BeginTurn turn = fixture.turn("s", "one");
    var old = fixture.granted(turn).lease();
    var newer = StoreFixture.get(fixture.store.reassign(turn, old, "other"));

    assertThat(newer.fence()).isGreaterThan(old.fence());
    assertFault(Fault.SESSION_LOCKED, () -> fixture.progress(turn, old, 0, "x"));
    assertFault(Fault.SESSION_LOCKED, () -> fixture.seal(turn, old, "x"));
    assertFault(Fault.SESSION_LOCKED, () -> fixture.abort(turn, old));
    fixture.progress(turn, newer, 0, "y");
    assertThat(fixture.begin(turn))
        .isEqualTo(
            new SessionStore.Known.Pending(turn.turn(), newer.fence(), "other", turn.listener()));
    fixture.seal(turn, newer, "y");
    assertThat(fixture.replayed(turn).end().fence()).isEqualTo(newer.fence());
  }

  @Test
  @DisplayName("refuses a progress that comes after the seal, and makes no session of it")
  void lateProgress() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    fixture.abort(turn, lease);

    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.progress(turn, lease, 0, "late"));
    assertThat(fixture.exists("s")).isFalse();
  }

  @Test
  @DisplayName(
      "keeps what was said of a turn whose provider is gone, as interrupted, when the next one begins")
  void orphanWithText() {
    BeginTurn orphan = fixture.turn("s", "one");
    var lease = fixture.granted(orphan).lease();
    fixture.progress(orphan, lease, 0, "ei");
    fixture.progress(orphan, lease, 1, "inx");
    fixture.progress(orphan, lease, 3, "s");
    fixture.lapse();

    fixture.granted(fixture.turn("s", "two"));

    assertThat(fixture.history("s")).containsExactly("user one", "assistant eins (interrupted)");
    assertFault(Fault.SESSION_LOCKED, () -> fixture.seal(orphan, lease, "eins zwei"));
    assertThat(fixture.history("s")).containsExactly("user one", "assistant eins (interrupted)");
  }

  @Test
  @DisplayName("keeps a lease alive as long as there is progress")
  void renewal() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    for (int i = 0; i < 4; i++) {
      fixture.passForLeases(fixture.lease().multipliedBy(3).dividedBy(5));
      fixture.progress(turn, lease, 0, "");
    }

    assertThat(fixture.begin(fixture.turn("s", "two"))).isInstanceOf(SessionStore.Begun.Busy.class);
  }

  @Test
  @DisplayName("forgets a session when its time is over, counted from its last turn")
  void timeToLive() {
    fixture.say("s", "one", "eins");
    fixture.pass(Duration.ofSeconds(60));
    fixture.say("s", "two", "zwei");
    fixture.pass(Duration.ofSeconds(60));
    assertThat(fixture.history("s")).hasSize(4);

    fixture.pass(Duration.ofSeconds(41));
    assertThat(fixture.granted(fixture.turn("s", "three")).history()).hasSize(1);
  }

  @Test
  @DisplayName("leaves the oldest turns out of the prompt, whole, and keeps them stored")
  void longHistory() {
    StoreFixture small = opened(new JsonObject()
        .put("maxHistoryTokens", 100)
        .put("newSessions", new JsonObject().put("systemPrompt", "Be brief, please.")));
    String thirtyTokens = "word ".repeat(30).strip();
    for (int i = 0; i < 5; i++) {
      small.say("s", i + " " + thirtyTokens, "ok");
    }

    var history = small.granted(small.turn("s", "last")).history();

    assertThat(history.stream().map(ChatMessage::content))
        .containsExactly("3 " + thirtyTokens, "ok", "4 " + thirtyTokens, "ok", "last");
    assertThat(small.history("s")).hasSize(10);
  }

  @Test
  @DisplayName("counts an answer itself when its usage does not tell")
  void usageNotTold() {
    StoreFixture small = opened(new JsonObject().put("maxHistoryTokens", 100));
    BeginTurn turn = small.turn("s", "one");
    SealTurn seal = small.sealOf(turn, small.granted(turn).lease(), "word ".repeat(200));
    StoreFixture.get(small.store.seal(new SealTurn(
        seal.turn(),
        seal.tenant(),
        seal.fence(),
        seal.token(),
        seal.text(),
        seal.finishReason(),
        Usage.NONE,
        seal.model(),
        null)));

    var granted = small.granted(small.turn("s", "two"));

    assertThat(granted.history()).containsExactly(ChatMessage.user("two"));
    assertThat(granted.model()).isEqualTo("model-1");
  }

  @Test
  @DisplayName("keeps with each message its tokens, and with an answer its model, usage and reason")
  void storedMessages() {
    fixture.say("s", "hello there", "eins");
    BeginTurn orphan = fixture.turn("s", "two");
    fixture.progress(orphan, fixture.granted(orphan).lease(), 0, "zw");
    fixture.lapse();
    fixture.granted(fixture.turn("s", "three"));

    var stored = fixture.messages("s");

    assertThat(stored.get(0).tokens()).isEqualTo(TokenCounter.count("hello there"));
    assertThat(stored.get(0).model()).isNull();
    assertThat(stored.get(1).turn()).isEqualTo(stored.get(0).turn());
    assertThat(stored.get(1).model()).isEqualTo("model-1");
    assertThat(stored.get(1).usage()).isEqualTo(new Usage(1, 1, 0, false));
    assertThat(stored.get(1).finishReason()).isEqualTo(FinishReason.STOP);
    int said = TokenCounter.count("zw");
    int prompt = stored.get(0).tokens() + stored.get(1).tokens() + stored.get(2).tokens();
    assertThat(stored.get(3).finishReason()).isEqualTo(FinishReason.INTERRUPTED);
    assertThat(stored.get(3).tokens()).isEqualTo(said);
    assertThat(stored.get(3).usage()).isEqualTo(new Usage(prompt, said, 0, true));
  }

  @Test
  @DisplayName("keeps the model of a session that was asked for with its first turn")
  void model() {
    BeginTurn first = fixture.turn("s", "one", "a");
    var granted = fixture.granted(first);
    fixture.seal(first, granted.lease(), "eins");

    assertThat(granted.model()).isEqualTo("a");
    assertThat(fixture.granted(fixture.turn("s", "two", "b")).model()).isEqualTo("a");
  }

  @Test
  @DisplayName("warns of a turn that asks for another model, not of one that names the same")
  void modelWarning() {
    try (LoggedBy<Grants> logged = new LoggedBy<>(Grants.class)) {
      fixture.say("s", "one", "eins");
      BeginTurn same = fixture.turn("s", "two", "model-1");
      fixture.seal(same, fixture.granted(same).lease(), "zwei");
      assertThat(logged.lines()).isEmpty();

      BeginTurn other = fixture.turn("s", "three", "gpt");
      fixture.granted(other);
      assertThat(logged.lines())
          .singleElement()
          .asString()
          .contains(other.turn().value());
    }
  }

  @Test
  @DisplayName("refuses a progress that would leave a gap in the journal, and keeps the lease")
  void gap() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();

    assertFault(Fault.INTERNAL_ERROR, () -> fixture.progress(turn, lease, 1, "x"));
    assertFault(Fault.INTERNAL_ERROR, () -> fixture.progress(turn, lease, -1, "x"));
    fixture.progress(turn, lease, 0, "x");
    fixture.seal(turn, lease, "x");
  }

  @Test
  @DisplayName("remembers a turn for as long as its session lives, however many come after it")
  void rememberedTurns() {
    BeginTurn first = fixture.turn("s", "one");
    fixture.seal(first, fixture.granted(first).lease(), "eins");
    for (int i = 0; i < manyTurns(); i++) {
      fixture.say("s", "more", "mehr");
    }

    assertThat(fixture.begin(first)).isInstanceOf(SessionStore.Known.Ended.class);
    assertThat(fixture.replayed(first).text()).isEqualTo("eins");
  }

  /** More than a list would hold that is meant for some; fewer where another store does it with the same code, and sooner. */
  int manyTurns() {
    return 1_500;
  }

  private static void assertFault(Fault expected, ThrowingCallable call) {
    assertThat(catchThrowableOfType(FaultException.class, call).fault()).isEqualTo(expected);
  }
}
