package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AbortTurn;
import io.consoul.message.Accepted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusCodec;
import io.consoul.message.CompletionOptions;
import io.consoul.message.Cuts;
import io.consoul.message.Follower;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
import io.consoul.message.Resumption;
import io.consoul.message.TurnId;
import io.consoul.node.Node;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a turn that has its lease to a provider instance. One that does not take it in time is passed over with a new
 * lease, so that it cannot write should it wake up; when nobody takes it the turn leaves no trace. A turn beside its session
 * has a fence only, for nobody writes anything about it.
 */
final class Handover {

  private static final Logger log = LoggerFactory.getLogger(Handover.class);
  private static final int TRIES = 2;

  /** Another instance may take what these refuse; any other failure is about the turn itself. */
  private static final Set<Fault> TRY_ANOTHER = Set.of(Fault.LLM_UNAVAILABLE, Fault.SERVER_BUSY);

  /**
   * Who has the turn now.
   *
   * @param cuts of the answer up to now
   */
  record Taken(long fence, String providerInbox, boolean historyUnavailable, Cuts cuts) {

    Accepted accepted(TurnId turn) {
      return new Accepted(turn, Listener.ONLY, fence, providerInbox, historyUnavailable, cuts);
    }
  }

  private final Node node;
  private final SessionConfig config;
  private final SessionStore store;
  private final String sessionInbox;

  Handover(Node node, SessionConfig config, SessionStore store, String sessionInbox) {
    this.node = node;
    this.config = config;
    this.store = store;
    this.sessionInbox = sessionInbox;
  }

  /** Where providers write to. */
  String sessionInbox() {
    return sessionInbox;
  }

  /**
   * @param inbox the provider's that the store has noted, or empty when there was none
   * @param cancelled whether nobody wants the turn any more, so that no other provider need be asked
   */
  Future<Taken> give(
      BeginTurn begin,
      SessionStore.Begun.Granted granted,
      String inbox,
      BooleanSupplier cancelled) {
    if (inbox.isEmpty()) {
      return drop(
          begin,
          granted.lease(),
          Fault.LLM_UNAVAILABLE.retryAfter(1, "no provider verticle is there"));
    }
    return give(begin, granted, granted.lease(), null, inbox, new HashSet<>(), cancelled);
  }

  /**
   * Asks one provider, and no other.
   *
   * @param resumption of an answer that others have begun; null for a new one
   * @param within how long it may take to take the turn
   */
  Future<Taken> offer(
      BeginTurn begin,
      SessionStore.Begun.Granted granted,
      SessionStore.Lease lease,
      Resumption resumption,
      String inbox,
      Duration within) {
    Cuts cuts = resumption == null ? Cuts.NONE : resumption.cuts();
    return node.bus()
        .ask(
            Kind.PROVIDER, inbox, order(begin, granted, lease, resumption), Answering.class, within)
        .map(answering -> new Taken(lease.fence(), inbox, granted.historyUnavailable(), cuts));
  }

  /** Whether another instance may take what one has refused with this failure. */
  static boolean mayGoElsewhere(Throwable failure) {
    return failure instanceof FaultException known && TRY_ANOTHER.contains(known.fault());
  }

  /** Frees the session as if the turn had never been. What the store says to that changes nothing. */
  Future<Void> cancel(BeginTurn begin, SessionStore.Lease lease) {
    if (begin.aside()) {
      return Future.succeededFuture();
    }
    return store
        .abort(new AbortTurn(begin.turn(), begin.tenant(), lease.fence(), lease.token()))
        .onFailure(failure ->
            log.warn("a turn that nobody took could not be freed: turn={}", begin.turn()))
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  private Future<Taken> give(
      BeginTurn begin,
      SessionStore.Begun.Granted granted,
      SessionStore.Lease lease,
      Resumption resumption,
      String inbox,
      Set<String> tried,
      BooleanSupplier cancelled) {
    tried.add(inbox);
    return offer(begin, granted, lease, resumption, inbox, config.acknowledgement())
        .recover(failure -> passOver(begin, granted, lease, tried, cancelled, failure));
  }

  private Future<Taken> passOver(
      BeginTurn begin,
      SessionStore.Begun.Granted granted,
      SessionStore.Lease lease,
      Set<String> tried,
      BooleanSupplier cancelled,
      Throwable failure) {
    if (cancelled.getAsBoolean()) {
      return drop(begin, lease, Fault.LLM_CANCELLED.because());
    }
    Optional<Hello> other = node.directory().pickOther(Kind.PROVIDER, tried);
    if (!mayGoElsewhere(failure) || other.isEmpty() || tried.size() >= TRIES) {
      return drop(begin, lease, failure);
    }
    log.warn("a provider instance did not take a turn; asking another: turn={}", begin.turn());
    String inbox = other.get().inbox();
    return reassign(begin, lease, inbox)
        .compose(next ->
            give(begin, granted, next, fromTheStart(begin, other.get()), inbox, tried, cancelled));
  }

  /** Whoever was passed over may have taken the turn all the same, and shown something of it, which no longer counts. */
  private static Resumption fromTheStart(BeginTurn begin, Hello provider) {
    return begin.aside() || provider.frameVersion() < BusCodec.RESUMING
        ? null
        : new Resumption("", Cuts.NONE.and(0), 0, List.of(new Follower(begin.listener(), 0, 0)));
  }

  private Future<SessionStore.Lease> reassign(
      BeginTurn begin, SessionStore.Lease lease, String inbox) {
    if (begin.aside()) {
      long fence = Math.max(node.clock().millis(), lease.fence() + 1);
      return Future.succeededFuture(new SessionStore.Lease(fence, null));
    }
    return store.reassign(begin, lease, inbox);
  }

  private <T> Future<T> drop(BeginTurn begin, SessionStore.Lease lease, Throwable failure) {
    return cancel(begin, lease).compose(freed -> Future.failedFuture(failure));
  }

  private AnswerTurn order(
      BeginTurn begin,
      SessionStore.Begun.Granted granted,
      SessionStore.Lease lease,
      Resumption resumption) {
    return new AnswerTurn(
        begin.turn(),
        begin.tenant(),
        lease.fence(),
        lease.token(),
        granted.model(),
        granted.settings(),
        granted.history(),
        granted.promptTokens(),
        CompletionOptions.NONE,
        begin.listener(),
        begin.aside() ? null : sessionInbox,
        node.clock().instant().plus(config.turnTimeout()),
        resumption);
  }
}
