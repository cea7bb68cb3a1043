package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AttachTurn;
import io.consoul.message.BusCodec;
import io.consoul.message.Follower;
import io.consoul.message.HandOn;
import io.consoul.message.Heard;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Resumption;
import io.consoul.node.Node;
import io.consoul.session.SessionStore.Known.Pending;
import io.consoul.session.Takeovers.TakeOver;
import io.consoul.session.Takeovers.Takeover;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives turns whose provider is gone, or is on its way out, to another one, which goes on with what was said. Where nobody does,
 * they end here. Confined to one event loop.
 */
final class TakeoverDesk {

  private static final Logger log = LoggerFactory.getLogger(TakeoverDesk.class);

  /** An answer that has lost so many providers is likely to be what they are lost by. */
  static final int MOST_CUTS = 5;

  private static final int TRIES = 2;

  /** Whoever gives the turn away hears what came of it in the time of a request, also when two say nothing. */
  private static final Duration PATIENCE = Duration.ofMillis(800);

  /** Of a lease: whoever takes the turn as late as that has the rest of it to give a sign of life, which comes every 1.5 s. */
  private static final double MOST_OF_LEASE = 0.6;

  private static final FaultException NOT_TO_BE_HAD = Fault.LLM_UNAVAILABLE.retryAfter(
      1, "the provider of this turn does not answer; ask again in a moment");

  private final Node node;
  private final SessionConfig config;
  private final SessionStore store;
  private final Handover handover;
  private final Conclusion conclusion;
  private final RunningTurns running;
  private final Workload workload;
  private final Consumer<TurnKey> ended;

  /**
   * One turn on its way from hand to hand.
   *
   * @param tried who is not asked, or not again: the first is the one that had it
   * @param rescues of the one that had it, where it tells; else null
   */
  private record Relay(TurnKey turn, Set<String> tried, List<Follower> followers, Integer rescues) {

    Relay(Pending lost, TurnKey turn, List<Follower> followers, Integer rescues) {
      this(turn, new HashSet<>(Set.of(lost.providerInbox())), followers, rescues);
    }

    boolean isOver() {
      return tried.size() > TRIES;
    }

    boolean isGivenAway() {
      return rescues != null;
    }

    Resumption resumption(Takeover.Won won) {
      return new Resumption(won.said(), won.cuts(), rescues(won), followers);
    }

    /** Each cut behind the first word is one, as far as is known; those within an attempt are known to its provider only. */
    private int rescues(Takeover.Won won) {
      if (rescues != null) {
        return won.said().isEmpty() ? rescues : rescues + 1;
      }
      return (int) won.cuts().offsets().stream().filter(offset -> offset > 0).count();
    }
  }

  /** @param ended told when a turn that was taken over has ended here */
  TakeoverDesk(
      Node node,
      SessionConfig config,
      SessionStore store,
      Handover handover,
      Conclusion conclusion,
      RunningTurns running,
      Workload workload,
      Consumer<TurnKey> ended) {
    this.node = node;
    this.config = config;
    this.store = store;
    this.handover = handover;
    this.conclusion = conclusion;
    this.running = running;
    this.workload = workload;
    this.ended = ended;
  }

  /**
   * For one who attaches to a turn whose provider does not answer.
   *
   * @param unrenewed how long its lease must not have been renewed
   * @return who has it now; fails where nobody has, and where it is not to be had, for which the store can tell the reason
   */
  Future<Handover.Taken> takeOver(AttachTurn attach, Pending lost, Duration unrenewed) {
    TurnKey turn = new TurnKey(attach.tenant(), attach.turn());
    Follower follower = new Follower(attach.listener(), attach.after(), attach.cuts());
    Relay relay = new Relay(lost, turn, List.of(follower), null);
    return take(
        relay, lost.fence(), null, unrenewed, attach.heard(), next(relay).orElse(""));
  }

  /**
   * For a provider that gives the turn away.
   *
   * @return who has it now; fails without having touched it where there is no other provider
   */
  Future<Handover.Taken> handOn(HandOn handOn, Pending held) {
    TurnKey turn = new TurnKey(handOn.tenant(), handOn.turn());
    Relay relay = new Relay(held, turn, handOn.followers(), handOn.rescues());
    return next(relay)
        .map(inbox ->
            take(relay, handOn.fence(), handOn.token(), Duration.ZERO, handOn.heard(), inbox))
        .orElseGet(() -> Future.failedFuture(
            Fault.LLM_UNAVAILABLE.because("there is no other provider to go on with this turn")));
  }

  private Future<Handover.Taken> take(
      Relay relay, long fence, String token, Duration unrenewed, Heard heard, String inbox) {
    return store
        .takeOver(new TakeOver(relay.turn(), fence, token, unrenewed, heard, inbox))
        .compose(found -> found instanceof Takeover.Won won
            ? entered(relay, give(relay, won, inbox))
            : Future.failedFuture(NOT_TO_BE_HAD));
  }

  /** It runs here from now on, for those who cancel it, attach to it or wait for its end. */
  private Future<Handover.Taken> entered(Relay relay, Future<Handover.Taken> taken) {
    TurnKey turn = relay.turn();
    running.granted(turn, taken);
    workload.changed();
    return taken
        .onSuccess(by -> {
          log.info("a turn goes on at another provider: turn={}", turn.turn());
          running.heard(turn);
          workload.changed();
        })
        .onFailure(nobody -> ended.accept(turn));
  }

  private Future<Handover.Taken> give(Relay relay, Takeover.Won won, String inbox) {
    if (inbox.isEmpty() || won.cuts().count() > MOST_CUTS) {
      return running.isCancelled(relay.turn())
          ? conclusion.cancelled(won)
          : conclusion.interrupted(won);
    }
    relay.tried().add(inbox);
    return handover
        .offer(
            won.begin(),
            won.granted(),
            won.granted().lease(),
            relay.resumption(won),
            inbox,
            patience(relay))
        .recover(failure -> passOver(relay, won, failure));
  }

  /** Takes it over again, for whoever did not answer may have taken the turn all the same. */
  private Future<Handover.Taken> passOver(Relay relay, Takeover.Won won, Throwable failure) {
    boolean again =
        Handover.mayGoElsewhere(failure) && !relay.isOver() && !running.isCancelled(relay.turn());
    String other = again ? next(relay).orElse("") : "";
    log.warn("a provider did not go on with a turn: turn={}", relay.turn().turn());
    SessionStore.Lease lease = won.granted().lease();
    return store
        .takeOver(
            new TakeOver(relay.turn(), lease.fence(), lease.token(), Duration.ZERO, null, other))
        .compose(found -> found instanceof Takeover.Won next
            ? give(relay, next, other)
            : Future.failedFuture(NOT_TO_BE_HAD));
  }

  private Optional<String> next(Relay relay) {
    return node.directory()
        .pickOther(Kind.PROVIDER, relay.tried(), BusCodec.RESUMING)
        .map(Hello::inbox);
  }

  /**
   * One after whom nobody can be asked may take much longer, for without it the answer ends here: it may be well and only slow. But
   * whoever gives a turn away does not wait for so long.
   */
  private Duration patience(Relay relay) {
    boolean last = relay.isOver() || next(relay).isEmpty();
    if (last && !relay.isGivenAway()) {
      return Duration.ofMillis(Math.round(config.lease().toMillis() * MOST_OF_LEASE));
    }
    return config.acknowledgement().compareTo(PATIENCE) < 0 ? config.acknowledgement() : PATIENCE;
  }
}
