package io.consoul.session;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.consoul.message.AbortTurn;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.FinishReason;
import io.consoul.message.Heard;
import io.consoul.message.ListSessions;
import io.consoul.message.Listener;
import io.consoul.message.Owner;
import io.consoul.message.Progress;
import io.consoul.message.ReadSession;
import io.consoul.message.Replayed;
import io.consoul.message.SealTurn;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.TokenCounter;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;

/**
 * A store that is being tested, whichever it is, and short ways to write turns to it. The contract tests run against every
 * store that has a fixture: a subclass of each contract opens it.
 */
abstract class StoreFixture implements AutoCloseable {

  final Random random;

  /** Told of each session that comes to stay and of each that goes. */
  final List<SessionChanged> changes = new CopyOnWriteArrayList<>();

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  SessionStore store;

  /** Null where the store has none yet. */
  SessionCatalog catalog;

  StoreFixture(Random random) {
    this.random = random;
  }

  /** How long a lease is; a test that needs another one says so in the configuration. */
  abstract Duration lease();

  /** What is stored of a session, oldest first. */
  abstract List<StoredMessage> messages(String session);

  /** Whether there is such a session, if only for a turn in progress. */
  abstract boolean exists(String session);

  /** What the store writes aside is written. */
  void indexed() {}

  @Override
  public void close() {}

  /** By the clock that the store uses for what it shows; it stands still between the calls of {@link #pass}. */
  final Instant now() {
    return now;
  }

  /** Time passes; a store with a clock of its own has to be waited for. */
  void pass(Duration time) {
    now = now.plus(time);
  }

  /** Time passes, as far as leases go: a store with a clock of its own has them end sooner instead. */
  void passForLeases(Duration time) {
    pass(time);
  }

  /** Every lease that was given so far is over. */
  final void lapse() {
    passForLeases(lease().plusMillis(10));
  }

  BeginTurn turn(String session, String text) {
    return turn(session, text, null);
  }

  BeginTurn turn(String session, String text, String model) {
    TurnId id = TurnId.mint(new SessionId(session), random);
    return new BeginTurn(id, Tenant.DEFAULT, text, model, new Listener("listener", 100));
  }

  SessionStore.Begun begin(BeginTurn turn) {
    return get(store.begin(turn, TokenCounter.count(turn.text()), "provider"));
  }

  SessionStore.Begun.Granted granted(BeginTurn turn) {
    return (SessionStore.Begun.Granted) begin(turn);
  }

  SealTurn sealOf(BeginTurn turn, SessionStore.Lease lease, String answer) {
    return new SealTurn(
        turn.turn(),
        turn.tenant(),
        lease.fence(),
        lease.token(),
        answer,
        FinishReason.STOP,
        new Usage(1, 1, 0, false),
        "model-1",
        "provider-1");
  }

  Instant seal(BeginTurn turn, SessionStore.Lease lease, String answer) {
    return get(store.seal(sealOf(turn, lease, answer))).timestamp();
  }

  /** Where a turn is, or a piece of its answer. */
  SessionStore.Known find(BeginTurn turn, int after, int window) {
    return find(turn.turn(), turn.tenant(), after, window);
  }

  SessionStore.Known find(TurnId turn, Tenant tenant, int after, int window) {
    return get(store.find(new AttachTurn(turn, tenant, after, new Listener("listener", window))));
  }

  /** Whoever takes it over from a holder that has not renewed its lease for so long. */
  Takeovers.Takeover takeOver(BeginTurn turn, long fence, Duration unrenewed, Heard heard) {
    return get(store.takeOver(new Takeovers.TakeOver(
        TurnKey.of(turn), fence, null, unrenewed, heard, "another provider")));
  }

  /** The same of a holder that gives it away. */
  Takeovers.Takeover takeOver(BeginTurn turn, SessionStore.Lease given, Heard heard) {
    return get(store.takeOver(new Takeovers.TakeOver(
        TurnKey.of(turn), given.fence(), given.token(), null, heard, "another provider")));
  }

  Replayed replayed(BeginTurn turn) {
    return ((SessionStore.Known.Ended) find(turn, 0, 100)).replayed();
  }

  SessionInfo create(String session) {
    return create(session, null, Settings.NONE);
  }

  SessionInfo create(String session, String model, Settings settings) {
    return get(catalog.create(
        new CreateSession(new SessionId(session), Tenant.DEFAULT, model, settings, Map.of()), 0));
  }

  SessionInfo read(String session) {
    return get(catalog.read(new ReadSession(new SessionId(session), Tenant.DEFAULT)));
  }

  Optional<SessionStore.Known.Pending> delete(String session) {
    return get(catalog.delete(new DeleteSession(new SessionId(session), Tenant.DEFAULT)));
  }

  SessionPage list(String namespace, int limit, String cursor) {
    return list(null, namespace, limit, cursor);
  }

  /** @param owner whose list; null for the tenant's, as below */
  SessionPage list(Owner owner, String namespace, int limit, String cursor) {
    indexed();
    return get(
        catalog.list(new ListSessions(Tenant.DEFAULT, owner, namespace, limit, cursor, true)));
  }

  /** Ids of the sessions in a list, the newest first. */
  List<String> list(Owner owner) {
    return list(owner, null, 100, null).sessions().stream()
        .map(session -> session.session().value())
        .toList();
  }

  SessionInfo create(String session, Owner owner) {
    return get(catalog.create(
        new CreateSession(
            new SessionId(session), Tenant.DEFAULT, owner, null, Settings.NONE, Map.of()),
        0));
  }

  void abort(BeginTurn turn, SessionStore.Lease lease) {
    get(store.abort(new AbortTurn(turn.turn(), turn.tenant(), lease.fence(), lease.token())));
  }

  void progress(BeginTurn turn, SessionStore.Lease lease, int offset, String text) {
    get(store.progress(
        new Progress(turn.turn(), turn.tenant(), lease.fence(), lease.token(), offset, text)));
  }

  /** A whole turn. */
  void say(String session, String text, String answer) {
    BeginTurn turn = turn(session, text);
    seal(turn, granted(turn).lease(), answer);
  }

  /** A whole turn of a caller with a list of its own. */
  void say(String session, String text, String answer, Owner owner) {
    BeginTurn turn = turn(session, text).of(owner);
    seal(turn, granted(turn).lease(), answer);
  }

  /** What was said in a session, one line a message. */
  List<String> history(String session) {
    return messages(session).stream()
        .map(stored -> stored.message().role().wireName() + " "
            + stored.message().content() + cutOff(stored.finishReason()))
        .toList();
  }

  private static String cutOff(FinishReason reason) {
    return reason == FinishReason.INTERRUPTED || reason == FinishReason.CANCELLED
        ? " (" + reason.wireName() + ")"
        : "";
  }

  static <T> T get(Future<T> future) {
    try {
      return future.await(30, SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("the store did not answer", late);
    }
  }
}
