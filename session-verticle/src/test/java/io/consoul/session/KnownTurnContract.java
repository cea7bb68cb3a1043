package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.consoul.message.Completed;
import io.consoul.message.Cuts;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Replayed;
import io.consoul.message.SealTurn;
import io.consoul.message.Tenant;
import io.consoul.message.TurnFailed;
import io.consoul.message.Usage;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every store tells of a turn that was begun before. */
abstract class KnownTurnContract extends TakeoverContract {

  @Test
  @DisplayName("tells where it runs, and when it has ended what its listeners got")
  void found() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    assertThat(fixture.find(turn, 0, 10))
        .isEqualTo(new SessionStore.Known.Pending(
            turn.turn(), lease.fence(), "provider", turn.listener()));

    fixture.pass(Duration.ofMillis(50));
    fixture.seal(turn, lease, "eins");

    Completed end = new Completed(
        turn.turn(),
        lease.fence(),
        4,
        FinishReason.STOP,
        new Usage(1, 1, 0, false),
        "model-1",
        "provider-1",
        fixture.now(),
        50);
    assertThat(fixture.replayed(turn)).isEqualTo(new Replayed(turn.turn(), 0, "eins", end));
  }

  @Test
  @DisplayName("gives its answer in pieces of the listener's window, from where the listener is")
  void pieces() {
    BeginTurn turn = fixture.turn("s", "one");
    fixture.seal(turn, fixture.granted(turn).lease(), "0123456789");

    assertThat(piece(turn, 0, 4).text()).isEqualTo("0123");
    assertThat(piece(turn, 0, 4).isLast()).isFalse();
    assertThat(piece(turn, 8, 4).text()).isEqualTo("89");
    assertThat(piece(turn, 8, 4).isLast()).isTrue();
    assertThat(piece(turn, 10, 4).text()).isEmpty();
    assertThat(piece(turn, 99, 4).offset()).isEqualTo(10);
    assertThat(piece(turn, 0, Integer.MAX_VALUE).text()).isEqualTo("0123456789");
    assertThat(piece(turn, 5, Integer.MAX_VALUE).text()).isEqualTo("56789");
  }

  @Test
  @DisplayName("never cuts its answer inside a surrogate pair, and always gets on")
  void surrogatePairs() {
    BeginTurn turn = fixture.turn("s", "one");
    fixture.seal(turn, fixture.granted(turn).lease(), "a😀b😀");

    assertThat(piece(turn, 0, 2).text()).isEqualTo("a");
    assertThat(piece(turn, 2, 2).offset()).isEqualTo(1);
    assertThat(piece(turn, 2, 2).text()).isEqualTo("😀");
    assertThat(piece(turn, 1, 1).text()).isEqualTo("😀");
    assertThat(piece(turn, 0, 5).text()).isEqualTo("a😀b");
    assertThat(piece(turn, 0, 6).text()).isEqualTo("a😀b😀");
  }

  @Test
  @DisplayName("tells with what failure it was sealed")
  void sealedWithFailure() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    SealTurn seal = fixture.sealOf(turn, lease, "ei");
    Failed failure = Failed.of(Fault.LLM_TIMEOUT.because("too slow"));
    StoreFixture.get(fixture.store.seal(new SealTurn(
        seal.turn(),
        seal.tenant(),
        seal.fence(),
        seal.token(),
        seal.text(),
        FinishReason.INTERRUPTED,
        seal.usage(),
        seal.model(),
        seal.provider(),
        0,
        Cuts.NONE,
        failure)));

    assertThat(fixture.replayed(turn).end())
        .isEqualTo(new TurnFailed(turn.turn(), lease.fence(), 2, failure));
  }

  @Test
  @DisplayName("tells how often its answer went on after a provider had failed in the middle of it")
  void rescued() {
    BeginTurn turn = fixture.turn("s", "one");
    SealTurn seal = fixture.sealOf(turn, fixture.granted(turn).lease(), "eins");
    StoreFixture.get(fixture.store.seal(new SealTurn(
        seal.turn(),
        seal.tenant(),
        seal.fence(),
        seal.token(),
        seal.text(),
        seal.finishReason(),
        seal.usage(),
        seal.model(),
        seal.provider(),
        2,
        Cuts.NONE,
        null)));

    assertThat(((Completed) fixture.replayed(turn).end()).rescues()).isEqualTo(2);
    fixture.say("s", "two", "zwei");
    assertThat(((Completed) fixture.replayed(turn).end()).rescues()).isEqualTo(2);
  }

  @Test
  @DisplayName("tells that its provider was lost, under a new fence: who followed it may know more")
  void orphan() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    fixture.progress(turn, lease, 0, "ei");
    fixture.lapse();
    assertThat(fixture.find(turn, 0, 10)).isInstanceOf(SessionStore.Known.Pending.class);

    BeginTurn next = fixture.turn("s", "two");
    long nextFence = fixture.granted(next).lease().fence();

    Replayed replayed = fixture.replayed(turn);
    TurnFailed end = (TurnFailed) replayed.end();
    assertThat(replayed.text()).isEqualTo("ei");
    assertThat(end.failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(end.length()).isEqualTo(2);
    assertThat(end.fence()).isGreaterThan(lease.fence());
    assertThat(nextFence).isGreaterThan(end.fence());
  }

  @Test
  @DisplayName("keeps it as cancelled when it is taken from its provider, and hits no other")
  void cancelled() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    fixture.progress(turn, lease, 0, "ei");

    assertThat(cancel(turn)).isTrue();

    Completed end = (Completed) fixture.replayed(turn).end();
    assertThat(end.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(end.length()).isEqualTo(2);
    assertThat(end.fence()).isGreaterThan(lease.fence());
    assertFault(Fault.SESSION_LOCKED, () -> fixture.seal(turn, lease, "eins"));
    fixture.granted(fixture.turn("s", "two"));
    assertThat(cancel(turn)).isFalse();
    assertThat(fixture.history("s")).containsExactly("user one", "assistant ei (cancelled)");
    assertThat(fixture.begin(fixture.turn("s", "three")))
        .isInstanceOf(SessionStore.Begun.Busy.class);
  }

  @Test
  @DisplayName("keeps it as cancelled also when its lease lapses while its provider is being asked")
  void cancelledAfterTheLapse() {
    BeginTurn turn = fixture.turn("s", "one");
    fixture.progress(turn, fixture.granted(turn).lease(), 0, "ei");
    fixture.lapse();

    assertThat(cancel(turn)).isTrue();

    assertThat(fixture.history("s")).containsExactly("user one", "assistant ei (cancelled)");
  }

  @Test
  @DisplayName("leaves no trace of it when it is cancelled before anything was said")
  void cancelledSilently() {
    BeginTurn turn = fixture.turn("s", "one");
    fixture.granted(turn);

    assertThat(cancel(turn)).isTrue();

    assertThat(fixture.exists("s")).isFalse();
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.find(turn, 0, 10));
  }

  @Test
  @DisplayName("does not find it for another tenant, nor after its abort")
  void notFound() {
    BeginTurn turn = fixture.turn("s", "one");
    fixture.seal(turn, fixture.granted(turn).lease(), "eins");
    BeginTurn aborted = fixture.turn("s", "two");
    fixture.abort(aborted, fixture.granted(aborted).lease());

    assertFault(
        Fault.SESSION_NOT_FOUND, () -> fixture.find(turn.turn(), new Tenant("other"), 0, 10));
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.find(aborted, 0, 10));
  }

  @Test
  @DisplayName("knows it by its key: where it runs, then its answer, and nobody else's in between")
  void byKey() {
    BeginTurn first = keyed("one");
    var lease = fixture.granted(first).lease();
    assertThat(fixture.begin(keyed("one")))
        .isEqualTo(new SessionStore.Known.Pending(
            first.turn(), lease.fence(), "provider", first.listener()));
    fixture.seal(first, lease, "eins");
    BeginTurn between = fixture.turn("s", "two");
    fixture.granted(between);

    assertThat(fixture.begin(keyed("one")))
        .isEqualTo(new SessionStore.Known.Ended(fixture.replayed(first)));
    assertThat(standing(keyed("one")))
        .isEqualTo(new SessionStore.Known.Ended(fixture.replayed(first)));
    BeginTurn elsewhere = fixture.turn("t", "one").under(first.key());
    assertThat(fixture.begin(elsewhere)).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("refuses its key for another message or model, also while another turn runs")
  void keyUsedOtherwise() {
    BeginTurn first = keyed("one");
    fixture.seal(first, fixture.granted(first).lease(), "eins");
    fixture.granted(fixture.turn("s", "two"));

    BeginTurn otherModel = fixture.turn("s", "one", "gpt").under(first.key());
    assertFault(Fault.FIELD_VALIDATION_FAILED, () -> fixture.begin(keyed("another")));
    assertFault(Fault.FIELD_VALIDATION_FAILED, () -> fixture.begin(otherModel));
    assertFault(Fault.FIELD_VALIDATION_FAILED, () -> standing(keyed("another")));
  }

  @Test
  @DisplayName("lets its key go when it leaves no trace, and keeps it when it is cut off")
  void keyOfTheDropped() {
    BeginTurn aborted = keyed("one");
    fixture.abort(aborted, fixture.granted(aborted).lease());
    BeginTurn silent = keyed("another");
    fixture.granted(silent);
    fixture.lapse();
    BeginTurn orphan = keyed("a third");
    fixture.progress(orphan, fixture.granted(orphan).lease(), 0, "x");
    fixture.lapse();

    assertThat(fixture.begin(keyed("a third"))).isInstanceOf(SessionStore.Known.Ended.class);
  }

  @Test
  @DisplayName("asks nobody to wait whose key is new, and changes nothing")
  void standingOfANewKey() {
    assertThat(standing(keyed("one"))).isEqualTo(new SessionStore.Standing.InOrder());
    assertThat(fixture.exists("s")).isFalse();
    assertThat(fixture.begin(keyed("another"))).isInstanceOf(SessionStore.Begun.Granted.class);
  }

  private BeginTurn keyed(String text) {
    return fixture.turn("s", text).under(new IdempotencyKey("key"));
  }

  private SessionStore.Standing standing(BeginTurn turn) {
    return StoreFixture.get(fixture.store.standing(turn));
  }

  private boolean cancel(BeginTurn turn) {
    return StoreFixture.get(fixture.store.cancel(TurnKey.of(turn)));
  }

  private Replayed piece(BeginTurn turn, int after, int window) {
    return ((SessionStore.Known.Ended) fixture.find(turn, after, window)).replayed();
  }
}
