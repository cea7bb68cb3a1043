package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.EndBatch;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionRequest;
import io.consoul.message.Swept;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Sessions in the memory of one verticle instance: gone when the process ends. Confined to the instance's event loop, so
 * plain maps are enough and every method is atomic.
 */
final class MemoryStore implements SessionStore {

  private final SessionConfig config;
  private final InstantSource clock;
  private final Leases leases;
  private final MemorySessions sessions;
  private final Reservations reservations;
  private final Tombstones tombstones;
  private final Settlement settlement;
  private final Grants grants;
  private final MemoryTakeovers takeovers;
  private final Predicate<String> partial;

  /** @param changes told of each session that comes to stay and of each that goes */
  MemoryStore(
      SessionConfig config,
      InstantSource clock,
      RandomGenerator random,
      Consumer<SessionChanged> changes) {
    this(
        config,
        clock,
        new Leases(clock, random),
        new Tombstones(clock),
        changes,
        any -> false,
        any -> false);
  }

  /**
   * With what was remembered before.
   *
   * @param pinned which sessions stay although their time is over or others need room
   * @param partial which sessions may have turns in another store, when they are made here
   */
  MemoryStore(
      SessionConfig config,
      InstantSource clock,
      Leases leases,
      Tombstones tombstones,
      Consumer<SessionChanged> changes,
      Predicate<MemorySession> pinned,
      Predicate<String> partial) {
    this.config = config;
    this.clock = clock;
    this.leases = leases;
    this.tombstones = tombstones;
    this.partial = partial;
    this.sessions = new MemorySessions(config, clock, changes, pinned);
    this.reservations = new Reservations(clock, config.lease());
    this.settlement = new Settlement(sessions, reservations, leases, clock);
    this.grants = new Grants(config, clock, leases, sessions, reservations, partial);
    this.takeovers = new MemoryTakeovers(config, clock, leases, sessions);
  }

  /** What happens here happens elsewhere, too, and is logged there. */
  void asCopy() {
    sessions.asCopy();
  }

  /** Takes in a session as it is. */
  void restore(MemorySession session) {
    sessions.restore(session);
  }

  /** @return the session also when its time is over, or null */
  MemorySession stored(String sessionKey) {
    return sessions.stored(sessionKey);
  }

  Reservations reservations() {
    return reservations;
  }

  /** To be called several times a second, so that a standstill of the process is not taken for one of the providers. */
  void tick() {
    sessions.tick();
  }

  /** The same sessions, as wholes. */
  SessionCatalog catalog() {
    return new MemoryCatalog(clock, sessions, settlement, reservations, tombstones, partial);
  }

  /**
   * Takes a session in as it is, with its pending turn; it is announced to nobody.
   *
   * @throws io.consoul.fault.FaultException E110 where there is no room
   */
  void adopt(MemorySession session) {
    sessions.makeRoom();
    leases.exceed(session.fence());
    sessions.add(session);
  }

  /** The session as it is, or null. */
  MemorySession look(String sessionKey) {
    return sessions.find(sessionKey);
  }

  /** Lets a session go; it is announced to nobody. */
  void release(MemorySession session) {
    sessions.release(session);
  }

  /** Keys of all sessions. */
  List<String> keys() {
    return sessions.keys();
  }

  @Override
  public Future<Begun> begin(BeginTurn turn, int tokens, String providerInbox) {
    return atomically(() -> {
      MemorySession session = alive(turn);
      Optional<Known> known = known(session, turn);
      if (known.isPresent()) {
        return known.get();
      }
      if (session != null && session.pending() != null) {
        return new Begun.Busy();
      }
      Duration keptOut = reservations.keepOut(turn);
      return keptOut == null
          ? grants.grant(session, turn, tokens, providerInbox)
          : new Begun.Busy(keptOut);
    });
  }

  @Override
  public Future<Standing> standing(BeginTurn turn) {
    return atomically(() -> {
      Optional<Known> known = known(alive(turn), turn);
      if (known.isPresent()) {
        return known.get();
      }
      return reservations.isFor(turn) ? new Standing.Next() : new Standing.InOrder();
    });
  }

  @Override
  public Future<Begun.Granted> snapshot(BeginTurn turn, int tokens) {
    return atomically(() -> grants.beside(settlement.settled(turn.sessionKey()), turn, tokens));
  }

  @Override
  public Future<Lease> reassign(BeginTurn turn, Lease old, String providerInbox) {
    return atomically(() -> {
      PendingTurn held = held(TurnKey.of(turn), old.token()).pending();
      Lease lease = leases.next();
      held.goOnAfter("");
      held.hold(lease, providerInbox, leaseEnd());
      return lease;
    });
  }

  @Override
  public Future<Void> progress(Progress progress) {
    return atomically(() -> {
      MemorySession session =
          held(new TurnKey(progress.tenant(), progress.turn()), progress.token());
      if (!session.pending().journal(progress.offset(), progress.text())) {
        throw Fault.INTERNAL_ERROR.because(
            "the journal would get a gap at offset " + progress.offset());
      }
      session.pending().renew(leaseEnd());
      sessions.used(session);
      return null;
    });
  }

  @Override
  public Future<Sealed> seal(SealTurn seal) {
    return atomically(() -> {
      TurnKey turn = new TurnKey(seal.tenant(), seal.turn());
      MemorySession session = sessions.find(turn.session());
      SealedTurn before = session == null ? null : session.transcript().sealed(seal.turn());
      if (before != null && before.isSealedBy(seal.token())) {
        return new Sealed(seal.turn(), before.timestamp());
      }
      MemorySession held = held(turn, seal.token());
      reservations.ended(held.pending().begin());
      Instant timestamp = held.seal(seal, clock.instant()).timestamp();
      sessions.stored(held);
      return new Sealed(seal.turn(), timestamp);
    });
  }

  @Override
  public Future<TurnId> abort(AbortTurn abort) {
    return atomically(() -> {
      MemorySession session = held(new TurnKey(abort.tenant(), abort.turn()), abort.token());
      reservations.ended(session.pending().begin());
      session.abort();
      sessions.freed(session);
      return abort.turn();
    });
  }

  @Override
  public Future<Known> find(AttachTurn attach) {
    return atomically(() -> Optional.ofNullable(sessions.find(attach.sessionKey()))
        .flatMap(session -> session.known(
            attach.turn(), attach.after(), attach.cuts(), attach.listener().window()))
        .orElseThrow(() -> Fault.SESSION_NOT_FOUND.because("there is no such turn")));
  }

  @Override
  public Future<Takeover> takeOver(TakeOver order) {
    return atomically(() -> takeovers.take(order));
  }

  @Override
  public Future<Optional<Known.Pending>> running(SessionRequest session) {
    return atomically(() ->
        Optional.ofNullable(sessions.find(session.sessionKey())).flatMap(MemorySession::running));
  }

  @Override
  public Future<Boolean> cancel(TurnKey turn) {
    return atomically(() -> {
      MemorySession session = sessions.find(turn.session());
      if (session == null || !isPending(session, turn.turn())) {
        return false;
      }
      settlement.cancel(session);
      return true;
    });
  }

  @Override
  public Future<Void> endBatch(EndBatch end) {
    return atomically(() -> {
      reservations.end(end);
      return null;
    });
  }

  @Override
  public Future<Swept> sweep(int limit, boolean orphansOnly) {
    return atomically(() -> {
      List<MemorySession> lapsed = sessions.lapsed(limit);
      lapsed.forEach(settlement::orphan);
      int expired = orphansOnly ? 0 : sessions.removeExpired(limit - lapsed.size());
      tombstones.purge();
      reservations.purge();
      return new Swept(expired, lapsed.size(), lapsed.size() + expired >= limit);
    });
  }

  /** What whoever has taken over the session's turn was told. */
  Takeover.Won won(MemorySession session) {
    return takeovers.won(session);
  }

  /** For tests: what is stored of a session, oldest first. */
  List<StoredMessage> messages(String sessionKey) {
    MemorySession session = sessions.find(sessionKey);
    return session == null ? List.of() : session.transcript().messages();
  }

  /** For tests. */
  boolean exists(String sessionKey) {
    return sessions.find(sessionKey) != null;
  }

  int size() {
    return sessions.size();
  }

  /** For tests: what is remembered apart from the sessions. */
  int remnants() {
    return tombstones.size() + reservations.size();
  }

  static <T> Future<T> atomically(Supplier<T> step) {
    try {
      return Future.succeededFuture(step.get());
    } catch (RuntimeException failure) {
      return Future.failedFuture(failure);
    }
  }

  /** The session of a turn that may run: not of one whose session was deleted under it. */
  private MemorySession alive(BeginTurn turn) {
    tombstones.refuse(turn);
    return settlement.settled(turn.sessionKey());
  }

  private Optional<Known> known(MemorySession session, BeginTurn turn) {
    Optional<Known> known = session == null ? Optional.empty() : session.known(turn);
    if (known.isPresent()
        && known.get() instanceof Known.Ended
        && session.pending() == null
        && reservations.isFor(turn)) {
      reservations.ended(turn); // it will not run, and its batch goes on
    }
    return known;
  }

  private MemorySession held(TurnKey turn, String token) {
    tombstones.refuse(turn);
    MemorySession session = sessions.find(turn.session());
    if (session == null) {
      throw Fault.SESSION_NOT_FOUND.because("the session of this turn is gone");
    }
    if (!isPending(session, turn.turn()) || !session.pending().isHeldBy(token)) {
      throw Fault.SESSION_LOCKED.because("the turn's lease has lapsed or is another's");
    }
    return session;
  }

  private static boolean isPending(MemorySession session, TurnId turn) {
    return session.pending() != null && session.pending().begin().turn().equals(turn);
  }

  private Instant leaseEnd() {
    return clock.instant().plus(config.lease());
  }
}
