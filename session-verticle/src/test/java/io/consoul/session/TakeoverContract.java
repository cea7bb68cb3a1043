package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Completed;
import io.consoul.message.Cuts;
import io.consoul.message.Heard;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Listener;
import io.consoul.message.Replayed;
import io.consoul.message.SealTurn;
import io.consoul.session.SessionStore.Known;
import io.consoul.session.Takeovers.Takeover;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every store does with a turn whose provider is gone, or is on its way out. */
abstract class TakeoverContract extends StoreContract {

  private static final Duration WHILE = Duration.ofSeconds(2);

  @Test
  @DisplayName("gives it to another provider when its own has not renewed the lease for a while")
  void takenOver() {
    fixture.say("s", "zero", "null");
    BeginTurn turn = fixture.turn("s", "one", "gpt");
    var lease = fixture.granted(turn).lease();
    fixture.progress(turn, lease, 0, "ei");
    fixture.passForLeases(Duration.ofSeconds(3));

    Takeover.Won won = won(fixture.takeOver(turn, lease.fence(), WHILE, null));

    assertThat(won.begin()).isEqualTo(turn);
    assertThat(won.said()).isEqualTo("ei");
    assertThat(won.cuts()).isEqualTo(new Cuts(List.of(2)));
    assertThat(won.granted().model()).isEqualTo("provider-1/model-1");
    assertThat(won.granted().history())
        .containsExactly(
            ChatMessage.user("zero"), ChatMessage.assistant("null"), ChatMessage.user("one"));
    assertThat(won.granted().promptTokens()).isPositive();
    assertThat(won.granted().lease().fence()).isGreaterThan(lease.fence());
    assertThat(fixture.find(turn, 0, 10))
        .isEqualTo(new Known.Pending(
            turn.turn(), won.granted().lease().fence(), "another provider", turn.listener()));
  }

  @Test
  @DisplayName("refuses its old holder afterwards, and stores what the new one seals")
  void fencedOutByTakeover() {
    BeginTurn turn = fixture.turn("s", "one");
    var old = fixture.granted(turn).lease();
    fixture.progress(turn, old, 0, "ei");
    fixture.lapse();
    var lease = won(fixture.takeOver(turn, old.fence(), WHILE, null)).granted().lease();

    assertFault(Fault.SESSION_LOCKED, () -> fixture.progress(turn, old, 2, "nerlei"));
    assertFault(Fault.SESSION_LOCKED, () -> fixture.seal(turn, old, "einerlei"));
    assertFault(Fault.SESSION_LOCKED, () -> fixture.abort(turn, old));
    fixture.progress(turn, lease, 2, "n");
    fixture.seal(turn, lease, "eins");
    assertThat(fixture.history("s")).containsExactly("user one", "assistant eins");
  }

  @Test
  @DisplayName("leaves it to a provider that renews the lease, and to one that has it by now")
  void notToBeHad() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    var pending = fixture.find(turn, 0, 10);
    fixture.passForLeases(Duration.ofSeconds(3));
    fixture.progress(turn, lease, 0, "");
    fixture.passForLeases(Duration.ofSeconds(1));

    assertThat(fixture.takeOver(turn, lease.fence(), WHILE, null)).isEqualTo(pending);
    fixture.passForLeases(Duration.ofSeconds(2));
    assertThat(fixture.takeOver(turn, lease.fence(), fixture.lease(), null)).isEqualTo(pending);
    assertThat(fixture.takeOver(turn, lease.fence() - 1, WHILE, null)).isEqualTo(pending);
    fixture.progress(turn, lease, 0, "still mine");
    fixture.lapse();
    won(fixture.takeOver(turn, lease.fence(), fixture.lease(), null));
  }

  @Test
  @DisplayName("gives it to another at once when its holder wants that, and nobody else does")
  void givenAway() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    fixture.progress(turn, lease, 0, "ei");
    var stranger = new SessionStore.Lease(lease.fence(), "a guess");

    assertThat(fixture.takeOver(turn, stranger, null)).isInstanceOf(Known.Pending.class);
    var won = won(fixture.takeOver(turn, lease, new Heard(lease.fence(), 2, "n")));

    assertThat(won.said()).isEqualTo("ein");
    var next = won(fixture.takeOver(turn, won.granted().lease(), null));
    assertThat(next.said()).isEqualTo("ein");
    assertThat(next.cuts()).isEqualTo(new Cuts(List.of(3, 3)));
  }

  @Test
  @DisplayName("joins the journal with what somebody else heard of it, where that fits")
  void heard() {
    assertThat(saidWith("eins", 2, "ns zwei", 0)).isEqualTo("eins zwei");
    assertThat(saidWith("eins", 4, " zwei", 0)).isEqualTo("eins zwei");
    assertThat(saidWith("", 0, "eins", 0)).isEqualTo("eins");
    assertThat(saidWith("eins", 5, "zwei", 0)).as("a gap").isEqualTo("eins");
    assertThat(saidWith("eins", 2, "n", 0)).as("less than the journal").isEqualTo("eins");
    assertThat(saidWith("eins", 2, "nz und zwei", 0)).as("disagrees").isEqualTo("eins");
    assertThat(saidWith("eins", 4, " zwei", -1)).as("of another attempt").isEqualTo("eins");
    assertThat(saidWith("eins", -1, "?eins zwei", 0)).as("begins nowhere").isEqualTo("eins");
  }

  @Test
  @DisplayName("joins characters of two code units as others")
  void pairsAtTheSeam() {
    assertThat(saidWith("ä😀", 3, "😀b", 0)).isEqualTo("ä😀😀b");
    assertThat(saidWith("ä😀", 1, "😀b😀", 0)).isEqualTo("ä😀b😀");
    assertThat(saidWith("ä😀", 1, "😁b", 0)).isEqualTo("ä😀");
    assertThat(saidWith("ä😀", 2, "b", 0)).isEqualTo("ä😀");
  }

  @Test
  @DisplayName("gives it to one of two that want it")
  void race() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    fixture.progress(turn, lease, 0, "ei");
    fixture.lapse();
    var one = new Takeovers.TakeOver(
        TurnKey.of(turn), lease.fence(), null, WHILE, new Heard(lease.fence(), 2, "n"), "one");
    var other = new Takeovers.TakeOver(
        TurnKey.of(turn), lease.fence(), null, WHILE, new Heard(lease.fence(), 2, "ner"), "other");

    var first = fixture.store.takeOver(one);
    var second = fixture.store.takeOver(other);
    StoreFixture.get(Future.join(first, second));

    boolean firstWon = first.result() instanceof Takeover.Won;
    Takeover.Won won = won(firstWon ? first.result() : second.result());
    assertThat(firstWon ? second.result() : first.result())
        .isEqualTo(new Known.Pending(
            turn.turn(),
            won.granted().lease().fence(),
            firstWon ? "one" : "other",
            turn.listener()));
    fixture.progress(turn, won.granted().lease(), won.said().length(), "s");
    assertThat(won.said()).isEqualTo(firstWon ? "ein" : "einer");
  }

  @Test
  @DisplayName(
      "keeps all that was said when the next one is lost as well, and where the attempts part")
  void settledAfterTakeover() {
    BeginTurn turn = fixture.turn("s", "one");
    var first = fixture.granted(turn).lease();
    fixture.progress(turn, first, 0, "ei");
    fixture.lapse();
    var second = won(fixture.takeOver(
            turn, first.fence(), WHILE, new Heard(first.fence(), 1, "ins")))
        .granted()
        .lease();
    fixture.progress(turn, second, 4, " zwei");
    fixture.lapse();

    fixture.granted(fixture.turn("s", "two"));

    assertThat(fixture.history("s"))
        .containsExactly("user one", "assistant eins zwei (interrupted)");
    Replayed replayed = replayed(turn, 7, 0);
    assertThat(replayed.offset()).isEqualTo(4);
    assertThat(replayed.text()).isEqualTo(" zwei");
    assertThat(replayed.cuts()).isOne();
    assertThat(replayed(turn, 7, 1).text()).isEqualTo("ei");
  }

  @Test
  @DisplayName("replays what its listener does not have since the cuts that it has not seen")
  void replayAfterCuts() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    SealTurn seal = fixture.sealOf(turn, lease, "0123456789");
    StoreFixture.get(fixture.store.seal(with(seal, new Cuts(List.of(6, 3)))));

    assertThat(replayed(turn, 9, 0).text()).isEqualTo("3456789");
    assertThat(replayed(turn, 2, 0).text()).isEqualTo("23456789");
    assertThat(replayed(turn, 5, 1).text()).isEqualTo("3456789");
    assertThat(replayed(turn, 9, 2).text()).isEqualTo("9");
    assertThat(replayed(turn, 9, 2).cuts()).isEqualTo(2);
    assertThat(((Known.Ended) fixture.begin(turn)).replayed().cuts()).isEqualTo(2);
    fixture.say("s", "two", "zwei");
    assertThat(replayed(turn, 9, 0).offset()).isEqualTo(3);
  }

  @Test
  @DisplayName(
      "cuts off what a provider may have said that was passed over, whether or not the next one knows")
  void passedOver() {
    BeginTurn turn = fixture.turn("s", "one");
    var first = fixture.granted(turn).lease();
    fixture.progress(turn, first, 0, "anything");
    var second = StoreFixture.get(fixture.store.reassign(turn, first, "other"));
    fixture.progress(turn, second, 0, "e");

    fixture.seal(turn, second, "eins");

    assertThat(replayed(turn, 3, 0).text()).isEqualTo("eins");
    assertThat(replayed(turn, 3, 1).text()).isEqualTo("s");
  }

  @Test
  @DisplayName("tells how it ended when there is nothing to take over, and that it is unknown")
  void nothingToTakeOver() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    fixture.seal(turn, lease, "eins");
    fixture.granted(fixture.turn("s", "two"));

    var ended = (Known.Ended) fixture.takeOver(turn, lease.fence(), WHILE, null);

    assertThat(ended.replayed().end()).isInstanceOf(Completed.class);
    assertThat(ended.replayed().text()).isEqualTo("eins");
    BeginTurn never = fixture.turn("s", "never");
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.takeOver(never, lease.fence(), WHILE, null));
    BeginTurn elsewhere = fixture.turn("t", "never");
    assertFault(
        Fault.SESSION_NOT_FOUND, () -> fixture.takeOver(elsewhere, lease.fence(), WHILE, null));
  }

  @Test
  @DisplayName("gives with it as much of the history as fits, and leaves its key to it")
  void historyAndKeyOfTakenOver() {
    StoreFixture small = opened(new JsonObject().put("maxHistoryTokens", 100));
    String sixtyTokens = "word ".repeat(60).strip();
    small.say("s", "0 " + sixtyTokens, "ok");
    small.say("s", "1 " + sixtyTokens, "ok");
    BeginTurn turn = small.turn("s", "last").under(new IdempotencyKey("key"));
    var begun = small.granted(turn);
    small.lapse();

    var won = won(small.takeOver(turn, begun.lease().fence(), WHILE, null));

    assertThat(won.granted().history()).isEqualTo(begun.history()).hasSize(3);
    assertThat(won.granted().promptTokens()).isEqualTo(begun.promptTokens());
    small.seal(turn, won.granted().lease(), "eins");
    BeginTurn again = small.turn("s", "last").under(turn.key());
    assertThat(small.begin(again)).isEqualTo(new Known.Ended(small.replayed(turn)));
  }

  @Test
  @DisplayName(
      "gives a turn that begins once more what was stored since, and takes nothing from those who had it before")
  void begunOnceMore() {
    BeginTurn turn = fixture.turn("s", "late");
    var first = fixture.granted(turn);
    var passedOver = first.lease();
    var dropped = StoreFixture.get(fixture.store.reassign(turn, passedOver, "another provider"));
    fixture.abort(turn, dropped);
    fixture.say("s", "one", "eins");

    var again = fixture.granted(turn);

    assertThat(first.history()).hasSize(1);
    assertThat(again.history()).hasSize(3);
    for (var old : List.of(passedOver, dropped)) {
      assertFault(Fault.SESSION_LOCKED, () -> fixture.progress(turn, old, 0, "said too early"));
      assertFault(Fault.SESSION_LOCKED, () -> fixture.seal(turn, old, "said too early"));
      assertFault(Fault.SESSION_LOCKED, () -> fixture.abort(turn, old));
      assertFault(
          Fault.SESSION_LOCKED,
          () -> StoreFixture.get(fixture.store.reassign(turn, old, "another provider")));
      assertThat(fixture.takeOver(turn, old, null)).isInstanceOf(Known.Pending.class);
    }
    fixture.lapse();
    assertThat(fixture.takeOver(turn, passedOver.fence(), WHILE, null))
        .isInstanceOf(Known.Pending.class);
    var won = won(fixture.takeOver(turn, again.lease().fence(), WHILE, null));
    assertThat(won.granted().history()).isEqualTo(again.history());
    fixture.seal(turn, won.granted().lease(), "spät");
    assertThat(fixture.history("s"))
        .containsExactly("user one", "assistant eins", "user late", "assistant spät");
  }

  /** What goes on of a turn that has this in its journal when somebody heard that. */
  private String saidWith(String journal, int offset, String text, int fences) {
    BeginTurn turn = fixture.turn("joined" + fixture.random.nextInt(), "one");
    var lease = fixture.granted(turn).lease();
    fixture.progress(turn, lease, 0, journal);
    var won = won(fixture.takeOver(turn, lease, new Heard(lease.fence() + fences, offset, text)));
    fixture.progress(turn, won.granted().lease(), won.said().length(), "");
    assertThat(won.cuts()).isEqualTo(new Cuts(List.of(won.said().length())));
    return won.said();
  }

  private Replayed replayed(BeginTurn turn, int after, int seen) {
    AttachTurn attach = new AttachTurn(
        turn.turn(), turn.tenant(), after, seen, null, new Listener("listener", 100));
    return ((Known.Ended) StoreFixture.get(fixture.store.find(attach))).replayed();
  }

  private static SealTurn with(SealTurn seal, Cuts cuts) {
    return new SealTurn(
        seal.turn(),
        seal.tenant(),
        seal.fence(),
        seal.token(),
        seal.text(),
        seal.finishReason(),
        seal.usage(),
        seal.model(),
        seal.provider(),
        0,
        cuts,
        null);
  }

  private static Takeover.Won won(Takeover takeover) {
    assertThat(takeover).isInstanceOf(Takeover.Won.class);
    return (Takeover.Won) takeover;
  }
}
